package care_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// machine plays random facts on one chart and looks at everything that must always hold.
type machine struct {
	*rapid.T
	chart    *care.Chart
	now      time.Time
	text     string      // the chart as JSON, as of the last look
	copied   *care.Chart // the same, read back
	reports  int
	ledger   map[string]money.Cents
	postings map[string]money.Posting
	reported []reported
	lost     bool // a dispute, by which a bank took back what may have been refunded
	journal  replayed
	changes  int
	sheets   sheets
	kept     kept
	flights  []care.Batch // begun, and without results yet
}

func newMachine(t *rapid.T) *machine {
	p := changed(func(p *policy.Policy) {
		p.Money.PayBefore = rapid.SampledFrom([]string{"none", "none", "visit", "package"}).Draw(t, "pay before")
		p.Money.CoverageValidDays = rapid.SampledFrom([]int{0, 20}).Draw(t, "coverage days")
		p.Money.ClaimAnswerDays = 5
		p.Money.RefundFeeBP = rapid.SampledFrom([]int{0, 1000}).Draw(t, "refund fee")
		p.Money.SecondApprovalOver = rapid.SampledFrom([]money.Cents{0, 100000}).Draw(t, "second approval")
		p.Money.RefundRule = rapid.SampledFrom(money.RefundRules()).Draw(t, "refund rule")
		p.Infusions.MinimumSpacingDays = rapid.SampledFrom([]int{0, 0, 3}).Draw(t, "spacing")
		p.Infusions.RequireIntegration = rapid.Bool().Draw(t, "integration")
		p.Infusions.RequireCheckIn = rapid.Bool().Draw(t, "check-in")
		p.Visits.LateCancelFee = 5000
		p.Alerts.AcknowledgeMinutes = rapid.SampledFrom([]int{0, 15, 240}).Draw(t, "clock")
		p.Infusions.VitalsMinutes = rapid.SampledFrom([]int{0, 5, 30}).Draw(t, "vitals")
		p.Visits.NoShowFee = rapid.SampledFrom([]money.Cents{0, 7500}).Draw(t, "fee")
	})
	open := []func() *course{
		func() *course { return enrolled(t, p, "substance-dependence") },
		func() *course { return accepted(t, p) },
		func() *course { return ready(t, p, "six") },
		func() *course { return ready(t, p, "none") },
		func() *course { return ready(t, p, "ten") },
	}
	k := open[rapid.IntRange(0, len(open)-1).Draw(t, "opening")]()
	m := &machine{T: t, chart: k.chart, now: k.now, ledger: map[string]money.Cents{}, postings: map[string]money.Posting{}, journal: replayed{}, sheets: sheets{}}
	m.book(k.postings)
	m.replay(k.changes)
	m.kept.save(m)
	m.look()
	return m
}

// step draws what happens next: time, one fact, or a small run of facts as a day brings them.
func (m *machine) step() {
	d := dice{T: m.T, chart: m.chart, now: m.now}
	m.pass(d)
	switch d.n(1, 7) {
	case 1:
		m.session(d)
	case 2:
		m.infusion(d)
	case 3:
		m.spoil(d)
		if d.chance(2) {
			m.infusion(d)
		}
	default:
		kinds := care.Vocabulary()
		kind := kinds[d.n(0, len(kinds)-1)]
		if slices.Contains([]string{"withdrawn", "moved-away", "deceased", "course-completed", "paused"}, kind.Name) && !d.chance(4) {
			return // else most courses end early
		}
		d.now = m.now
		m.record(kind, m.role(d, kind), d.fields(kind.Name))
	}
}

func (m *machine) role(d dice, k care.Kind) person.Role {
	if d.chance(20) {
		return pick(d, person.Roles()...)
	}
	return pick(d, k.By...)
}

// pass lets time go on, often to a visit.
func (m *machine) pass(d dice) {
	then := m.now.Add(pick(d, 0, 0, time.Minute, 10*time.Minute, 50*time.Minute, 5*time.Hour, 26*time.Hour, 20*24*time.Hour))
	if d.chance(2) {
		for i := range m.chart.Visits {
			if v := &m.chart.Visits[i]; v.Open() && v.End().After(m.now) {
				then = pick(d, v.Start.Add(-10*time.Minute), v.Start, v.Start.Add(50*time.Minute), v.End().Add(5*time.Hour))
				break
			}
		}
	}
	if then.After(m.now) {
		m.until(then)
	}
}

// until lets time go on as a journey does: it sleeps until the next moment, does what is due, and sleeps on.
// Between two moments nothing may change.
func (m *machine) until(then time.Time) {
	for range 200 {
		step := m.turn()
		if !step.Wake.IsZero() && !step.Wake.After(m.now) {
			m.Fatalf("the next moment %s (%s) is not after now, %s", step.Wake, step.WakeFor, m.now)
		}
		quiet := then
		if !step.Wake.IsZero() && !step.Wake.After(then) {
			quiet = step.Wake.Add(-time.Second)
		}
		if quiet.After(m.now) {
			if changes := m.chart.Clone().DiffAndPublish(quiet); len(changes) > 0 {
				m.Fatalf("between %s and %s changed %+v, but the next moment is %s (%s)", m.now, quiet, changes[0], step.Wake, step.WakeFor)
			}
		}
		if quiet.Equal(then) {
			break
		}
		m.now = step.Wake
	}
	m.now = then
	m.turn()
	m.look()
}

// turn takes steps until nothing more is due now, as ClientJourney does, and gives the last one. Results come at once or
// with a later turn.
func (m *machine) turn() care.Step {
	m.land()
	for {
		step := m.chart.Step(m.now)
		m.replay(step.Changes)
		if step.Save {
			m.kept.save(m)
		}
		if step.Send == nil {
			m.text = asJSON(m, m.chart)
			m.restart()
			return step
		}
		for _, d := range step.Send.Due {
			if !d.Expired && d.Late && d.SendBefore.Before(m.now) {
				m.Fatalf("%s is sent at %s, after its last instant", d.Notification.Key, m.now)
			}
		}
		m.flights = append(m.flights, *step.Send)
		if (dice{T: m.T}).chance(6) {
			m.restart() // while the batch is under way
			continue
		}
		m.land()
	}
}

func (m *machine) kind(name string) care.Kind {
	k, ok := care.KindNamed(name)
	if !ok {
		m.Fatalf("no kind %s", name)
	}
	return k
}

func (m *machine) session(d dice) {
	kind := pick(d, "evaluation", "preparation", "preparation", "integration")
	m.record(m.kind("appointment-booked"), person.Coordinator, with{"kind": kind, "start": stamp(m.now.Add(time.Hour))})
	m.until(m.now.Add(2 * time.Hour))
	d.now = m.now
	m.record(m.kind("session-completed"), person.Psychotherapist, d.fields("session-completed"))
}

// spoil takes one thing away from a course that may be ready for an infusion, or puts it right again.
func (m *machine) spoil(d dice) {
	soon := with{"outcome": "cleared", "valid_until": stamp(m.now.Add(time.Duration(d.n(0, 3)) * 24 * time.Hour))}
	x := pick(d, []struct {
		fact string
		by   person.Role
		with with
	}{
		{"appointment-corrected", person.Coordinator, with{"appointment": d.visit(false, visit.Preparation), "status": pick(d, "noshow", "fulfilled"), "reason": "ref:1"}},
		{"appointment-corrected", person.Coordinator, with{"appointment": d.visit(false, visit.Evaluation, visit.Consult), "status": pick(d, "cancelled", "fulfilled"), "reason": "ref:1"}},
		{"consult-decided", person.Physician, with{"outcome": pick(d, "deferred", "cleared"), "reason": "ref:1"}},
		{"labs-resulted", person.Coordinator, with{"status": pick(d, "preliminary", "amended", "final")}},
		{"labs-reviewed", person.Physician, soon},
		{"labs-reviewed", person.Physician, with{"outcome": pick(d, "cleared", "abnormal")}},
		{"labs-ordered", person.Physician, with{}},
		{"hold-placed", person.Physician, with{"reason": "ref:1"}},
		{"hold-released", person.Physician, with{"reason": "ref:1"}},
		{"screening-recorded", person.Psychotherapist, with{"criteria_met": true, "prefers_kap": !d.chance(3), "flags": pick(d, nil, []string{"pregnancy"})}},
		{"flag-decided", person.Physician, with{"flag": "pregnancy", "decision": pick(d, "proceed", "hold"), "reason": "ref:1"}},
		{"consent-signed", person.Client, with{"service": pick(d, "medical", "psychotherapy"), "document_version": pick(d, "", "v0")}},
		{"clinician-unavailable", person.Coordinator, with{"clinician": pick(d, "kim", "dr-stone"), "from": stamp(m.now), "to": stamp(m.now.Add(48 * time.Hour))}},
		{"plan-set", person.Physician, with{"infusions": d.n(1, 8), "reason": "ref:1"}},
		{"estimate-issued", person.System, with{"number": "2"}},
		{"payment-received", person.Coordinator, with{"fee_set": "medical", "amount": 350000, "method": "card"}},
		{"refund-approved", person.Coordinator, with{"key": pick(d, "a", "b", "c"), "reason": "ref:1", "amount": pick(d, 100, 60000, 257669)}},
		{"appointment-cancelled", person.Coordinator, with{"appointment": d.visit(true), "side": "client"}},
		{"appointment-corrected", person.Coordinator, with{"appointment": d.visit(false, visit.Infusion), "status": pick(d, "noshow", "fulfilled"), "reason": "ref:1"}},
	}...)
	m.record(m.kind(x.fact), x.by, x.with)
}

func (m *machine) infusion(d dice) {
	m.record(m.kind("appointment-booked"), person.Coordinator, with{"kind": "infusion", "start": stamp(m.now.Add(time.Hour)), "tentative": d.chance(2)})
	m.until(m.now.Add(time.Hour))
	for _, name := range []string{"infusion-checked-in", "infusion-started", "infusion-stopped", "client-discharged"} {
		d.now = m.now
		m.record(m.kind(name), person.Nurse, d.fields(name))
		m.until(m.now.Add(time.Duration(d.n(5, 60)) * time.Minute))
		if d.chance(2) { // things happen in between
			meanwhile := m.kind(pick(d, "vitals-recorded", "psychotherapist-left", "psychotherapist-returned", "adverse-event-recorded", "processing-noted", "appointment-cancelled", "appointment-corrected", "withdrawn"))
			d.now = m.now
			m.record(meanwhile, m.role(d, meanwhile), d.fields(meanwhile.Name))
		}
	}
}

// record reports one fact and holds what must hold about recording.
func (m *machine) record(kind care.Kind, by person.Role, fields with) {
	m.reports++
	r := report(by, fmt.Sprint("r", m.reports), fields)
	checked := m.chart.Check(kind.Name, r, m.now)
	if m.reports%4 == 0 && asJSON(m, m.chart) != m.text {
		m.Fatalf("Check of %s changed the chart", kind.Name)
	}
	taken, err := m.chart.Record(kind.Name, r, m.now)
	if (checked == nil) != (err == nil) || err != nil && !cmp.Equal(refusal(m, checked), refusal(m, err), cmpopts.IgnoreUnexported(care.Problem{})) {
		m.Fatalf("Check of %s says %v, Record %v", kind.Name, checked, err)
	}
	if err != nil {
		m.refused(kind, err)
		return
	}
	if kind.Name == "infusion-started" {
		id := fields["appointment"].(string)
		for _, wrong := range append(wrongWithStart(m.copied, m.chart, id, taken.Entry.At), m.sheets[id].wrong()...) {
			m.Fatalf("%v started although %s", fields["appointment"], wrong)
		}
	}
	m.reported = append(m.reported, reported{kind.Name, r})
	m.lost = m.lost || fields["dispute"] == "lost"
	if kind.Name == "infusion-checked-in" {
		m.sheets.take(fields)
	}
	m.book(taken.Postings)
	m.replay(m.chart.DiffAndPublish(m.now))
	m.kept.save(m)
	m.look()
	if pointsToDanger(kind.Name, fields) {
		m.lookAtDanger(kind)
	}
	m.again(kind, r, taken)
}

func (m *machine) refused(kind care.Kind, err error) {
	r := refusal(m, err)
	if r.Code == "" || r.Message == "" || len(r.Problems) == 0 || r.Fact != kind.Name {
		m.Fatalf("%s: a refusal that explains nothing: %+v", kind.Name, r)
	}
	if after := asJSON(m, m.chart); after != m.text {
		m.Fatalf("a refused %s changed the chart: %s", kind.Name, cmp.Diff(m.text, after))
	}
}

// again holds that the same report twice changes nothing.
func (m *machine) again(kind care.Kind, r care.Report, first care.Taken) {
	second, err := m.chart.Record(kind.Name, r, m.now.Add(time.Minute))
	if err != nil || !second.Repeated || second.Seq != first.Seq || len(second.Postings) > 0 {
		m.Fatalf("%s again: %+v, %v", kind.Name, second, err)
	}
	if after := asJSON(m, m.chart); after != m.text {
		m.Fatalf("%s again changed the chart", kind.Name)
	}
}

// look holds what must hold of any chart at any time.
func (m *machine) look() {
	if again := m.chart.DiffAndPublish(m.now); len(again) > 0 {
		m.Fatalf("published twice: %+v", again[0])
	}
	m.lookAtMoney()
	m.lookAtNotifications()
	m.lookAtVisits()
	m.lookAtJournal()
	m.lookAtAlerts()
	_, _, _, _ = m.chart.Attention(), m.chart.Move(m.now), m.chart.NextDue(m.now), m.chart.Slots()
	m.text, m.copied = asJSON(m, m.chart), new(care.Chart)
	if err := json.Unmarshal([]byte(m.text), m.copied); err != nil {
		m.Fatalf("unmarshal: %v", err)
	}
	if asJSON(m, m.copied) != m.text {
		m.Fatalf("the chart does not survive JSON")
	}
}

// compare holds that a chart read back is equal in every field, and derives the same; and so does a clone.
func (m *machine) compare() {
	if shared := sharedParts(reflect.ValueOf(*m.chart), reflect.ValueOf(*m.chart.Clone()), "chart"); len(shared) > 0 {
		m.Fatalf("a clone shares %s", shared)
	}
	if clone := asJSON(m, m.chart.Clone()); clone != asJSON(m, m.chart) {
		m.Fatalf("a clone differs")
	}
	copied := readBack(m, m.chart)
	if diff := cmp.Diff(m.chart, copied, cmpopts.IgnoreUnexported(care.Chart{}), cmpopts.EquateEmpty()); diff != "" {
		m.Fatalf("JSON loses: %s", diff)
	}
	if diff := cmp.Diff(m.chart.Notifications(), copied.Notifications()); diff != "" {
		m.Fatalf("a chart read back owes something else: %s", diff)
	}
	if diff := cmp.Diff(m.chart.Tasks(m.now), copied.Tasks(m.now)); diff != "" {
		m.Fatalf("a chart read back asks for something else: %s", diff)
	}
}

func (m *machine) lookAtNotifications() {
	seen := map[message.Key]bool{}
	for _, d := range m.chart.Notifications() {
		if seen[d.Key] {
			m.Fatalf("%s is owed twice", d.Key)
		}
		seen[d.Key] = true
		if (m.chart.Closed() || m.chart.Pause != nil) && d.Receiver() == person.Client && !m.owedAnyway(d) {
			m.Fatalf("%s is owed in stage %s", d.Key, m.chart.Stage())
		}
		if m.silent() {
			m.Fatalf("%s is owed although the course ended in silence", d.Key)
		}
	}
	open := map[string]bool{}
	for _, x := range m.chart.Tasks(m.now) {
		if open[x.ID()] || x.Words == "" || x.Role == "" || x.Due.IsZero() {
			m.Fatalf("the task %s stands twice or says nothing: %+v", x.ID(), x)
		}
		open[x.ID()] = true
	}
}

// silent says that the course ended in silence and that nobody wrote words of danger since.
func (m *machine) silent() bool {
	end := m.chart.Closing
	return end != nil && end.Silent && !slices.ContainsFunc(m.chart.Alerts, func(a care.Alert) bool { return a.RaisedAt.After(end.At) })
}

func (m *machine) lookAtVisits() {
	for i := range m.chart.Visits {
		v := &m.chart.Visits[i]
		place, _ := m.chart.Policy.Place(v.Place)
		if v.Kind == visit.Infusion && (v.Minutes < 45 || v.Minutes > 60 || !place.Outpatient) {
			m.Fatalf("%s: %d minutes at %q", v.ID, v.Minutes, v.Place)
		}
		if v.Status == visit.Fulfilled && v.Start.After(m.now) {
			m.Fatalf("%s was held before it began", v.ID)
		}
	}
}
