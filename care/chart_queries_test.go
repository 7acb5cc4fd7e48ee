package care_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// writers are the methods of a chart that change it. Every other exported method only asks.
var writers = map[string]string{
	"Record":         "takes a fact in",
	"DiffAndPublish": "lets time pass and notes what was published",
	"Settle":         "notes what became of a notification",
	"Handle":         "is Settle in short",
	"Begin":          "notes that a notification is being sent",
	"Step":           "is DiffAndPublish, and Begin for all that is due",
	"Finish":         "is Settle for the results of a batch",
	"TakeIn":         "is Finish for batches that were written down",
	"Resume":         "makes it the state of a new run",
	"StayAwake":      "keeps the journey of a closed record running",
	"AskedToCancel":  "notes that somebody asked to cancel the journey",
}

// TestAskingChangesNothing calls every exported method of a chart that is no writer, over random courses, with all that it
// can be asked about. The chart's JSON stays as it was.
func TestAskingChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		for range rapid.IntRange(1, 5).Draw(t, "steps") {
			m.step()
		}
		d := dice{T: m.T, chart: m.chart, now: m.now}
		chart := reflect.ValueOf(m.chart)
		before := asJSON(m, m.chart)
		for i := range chart.NumMethod() {
			name := chart.Type().Method(i).Name
			if writers[name] != "" {
				continue
			}
			if chart.Method(i).Type().NumOut() == 0 {
				t.Fatalf("%s answers nothing; if it changes the chart, list it among the writers", name)
			}
			for _, now := range []time.Time{m.now, m.now.Add(50 * 24 * time.Hour)} {
				chart.Method(i).Call(question(d, chart.Method(i).Type(), now))
			}
			if after := asJSON(m, m.chart); after != before {
				t.Fatalf("%s changed the chart", name)
			}
		}
	})
}

// question draws the arguments of a method.
func question(d dice, method reflect.Type, now time.Time) []reflect.Value {
	var args []reflect.Value
	for i := range method.NumIn() {
		var arg any
		switch method.In(i) {
		case reflect.TypeFor[time.Time]():
			arg = now
		case reflect.TypeFor[string]():
			arg = pick(d, d.visit(false), "latest", "appointment", "check-in-1-24h", "appointment-cancelled", "payment-received")
		case reflect.TypeFor[*care.Visit]():
			arg = askedVisit(d)
		case reflect.TypeFor[care.CheckIn]():
			arg = lastOf(d.chart.CheckIns())
		case reflect.TypeFor[care.Alert]():
			arg = lastOf(d.chart.Alerts)
		case reflect.TypeFor[message.Notification]():
			arg = lastOf(d.chart.Notifications())
		case reflect.TypeFor[message.Link]():
			arg = message.Link{About: d.visit(false), Channel: person.SMS, TriesLeft: 1, ExpiresAt: now.Add(time.Hour)}
		case reflect.TypeFor[visit.Kind]():
			arg = pick(d, visit.Evaluation, visit.Preparation, visit.Consult, visit.Infusion, visit.Integration)
		case reflect.TypeFor[money.FeeSet]():
			arg = pick(d, money.Medical, money.Psychotherapies)
		case reflect.TypeFor[person.Role]():
			arg = pick(d, person.Physician, person.Psychotherapist)
		case reflect.TypeFor[person.Actor]():
			arg = person.Actor{ID: "dr-stone", Role: pick(d, person.Roles()...)}
		case reflect.TypeFor[policy.Policy]():
			arg = manyClinicians()
		case reflect.TypeFor[int]():
			arg = d.n(0, 30)
		case reflect.TypeFor[person.Channel]():
			arg = pick(d, person.SMS, person.Email, person.Phone)
		case reflect.TypeFor[care.Report]():
			arg = report(pick(d, person.Roles()...), "question", d.fields("appointment-cancelled"))
		case reflect.TypeFor[care.Kind]():
			arg = care.KindFor[*care.AppointmentBooked]()
		case reflect.TypeFor[care.Fact]():
			arg = &care.AppointmentBooked{Kind: visit.Infusion, Start: &now}
		default:
			d.Fatalf("nobody says what to ask with a %s; add it here", method.In(i))
		}
		args = append(args, reflect.ValueOf(arg))
	}
	return args
}

func askedVisit(d dice) *care.Visit {
	if len(d.chart.Visits) == 0 {
		return &care.Visit{ID: "infusion-1", Kind: visit.Infusion, Start: d.now}
	}
	return &d.chart.Visits[d.n(0, len(d.chart.Visits)-1)]
}

// lastOf gives the last of a list, or the zero value.
func lastOf[V any](list []V) V {
	if len(list) == 0 {
		return *new(V)
	}
	return list[len(list)-1]
}
