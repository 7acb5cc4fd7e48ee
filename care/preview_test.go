package care_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/record"
)

// standing is everything that a preview speaks of, as it stands at one moment.
type standing map[string]string

// standingAt takes one step as the journey does, and writes down how everything stands then: what is taken up to be sent is
// still to go out.
func standingAt(c *care.Chart, now time.Time) standing {
	c = c.Clone()
	step := c.Step(now)
	s := standing{"stage": string(c.Stage())}
	for _, g := range c.Gates(now) {
		s["gate "+g.Gate] = fmt.Sprint(g.Open)
	}
	for _, t := range c.Tasks(now) {
		s["task "+t.ID()+" "+string(t.Role)] = "open"
	}
	for _, a := range c.Alerts {
		s["alert "+a.ID+" "+a.Kind+" "+a.About] = c.AlertState(a, now)
	}
	for _, v := range c.Visits {
		s["visit "+v.ID] = string(v.Status) + " " + stamp(v.Start)
	}
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		s["money "+string(set)] = c.Balance(set).String()
	}
	owed := c.Notifications()
	if step.Send != nil {
		for _, d := range step.Send.Due {
			if d.Notification.Skip == "" && !d.Notification.Call && d.Expired {
				continue // its use is over
			}
			owed = append(owed, d.Notification)
		}
	}
	for _, d := range owed {
		switch {
		case d.Skip != "": // only written down
		case d.Call: // also when its use is over: a person is told
			s["message "+d.Key.String()] = "call " + stamp(d.At)
		case !d.Until.After(d.At) || !d.Until.After(now): // only written down
		default:
			s["message "+d.Key.String()] = fmt.Sprint(d.Channels, " ", stamp(d.At))
		}
	}
	return s
}

// with gives how everything would stand after a preview's differences.
func (s standing) with(p record.Preview) standing {
	s = maps.Clone(s)
	if p.Stage != nil {
		s["stage"] = string(p.Stage.To)
	}
	for _, g := range p.Gates {
		s["gate "+g.Gate.Gate] = fmt.Sprint(g.Open)
	}
	for _, t := range p.Tasks {
		key := "task " + t.ID() + " " + string(t.Role)
		if s[key] = "open"; t.Ends {
			delete(s, key)
		}
	}
	for _, a := range p.Alerts {
		s["alert "+a.ID+" "+a.Kind+" "+a.About] = a.State
	}
	for _, v := range p.Visits {
		s["visit "+v.ID] = string(v.State) + " " + stamp(v.To)
	}
	for _, m := range p.Money {
		s["money "+string(m.FeeSet)] = m.After.String()
	}
	for _, m := range p.Messages {
		key := "message " + m.Key.String()
		switch m.Fate {
		case record.FateGoes:
			s[key] = fmt.Sprint(m.Channels, " ", stamp(m.At))
		case record.FateCall:
			s[key] = "call " + stamp(m.At)
		default:
			delete(s, key)
		}
	}
	return s
}

// TestWhatWillHappenIsWhatHappens plays random courses: what a preview says is what recording the same report then does, and
// asking changes nothing.
func TestWhatWillHappenIsWhatHappens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			m.step()
		}
		for range 10 {
			m.lookAtPreview()
		}
	})
}

func (m *machine) lookAtPreview() {
	kind, r, fields := m.drawReport()
	now := m.now.Add(rapid.SampledFrom([]time.Duration{0, 0, time.Minute, 3 * time.Hour}).Draw(m.T, "later"))
	p := record.PreviewOf(m.chart, kind.Name, r, now)
	if asJSON(m, m.chart) != m.text {
		m.Fatalf("the preview of %s changed the chart", kind.Name)
	}
	real := m.chart.Clone()
	_, err := real.Record(kind.Name, r, now)
	if (err != nil) != (p.Refused != nil) {
		m.Fatalf("%s %v: the preview says %v, recording %v", kind.Name, fields, p.Refused, err)
	}
	if err != nil {
		if !cmp.Equal(refusal(m, err).Message, p.Refused.Message) || len(p.Parts()) > 0 {
			m.Fatalf("%s: the preview says %q, recording %q", kind.Name, p.Refused.Message, err)
		}
		return
	}
	was := standingAt(m.chart, now)
	maps.DeleteFunc(was, func(key, _ string) bool { // an alert that time raises meanwhile: the report may raise another first, or silence it
		return strings.HasPrefix(key, "alert ") && !slices.ContainsFunc(m.chart.Alerts, func(a care.Alert) bool { return strings.HasPrefix(key, "alert "+a.ID+" ") })
	})
	if diff := cmp.Diff(standingAt(real, now), was.with(p)); diff != "" {
		m.Fatalf("%s %v by the %s at %s: what happens (-) is not what was said (+):\n%s", kind.Name, fields, r.By.Role, now, diff)
	}
	for _, part := range p.Parts() {
		for _, line := range part.Lines {
			if strings.TrimSpace(line) == "" || strings.Contains(line, "  ") || strings.Contains(line, "%!") {
				m.Fatalf("%s: %s: %q", kind.Name, part.Heading, line)
			}
		}
	}
}

// TestPreviewOfALateJourneyNamesTheAlertsThatAreRaised: a reading of an infusion is overdue and the journey has not taken note of it. What a
// report raises and what time raises are both said, each as what it is; when the client died, neither is.
func TestPreviewOfALateJourneyNamesTheAlertsThatAreRaised(t *testing.T) {
	t.Parallel()
	k := bookedInfusion(t)
	k.do(person.Nurse, "infusion-checked-in", sheet("infusion-1"))
	k.to(9, 10, 0).do(person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
	k.now = at(9, 10, 40)
	for _, c := range []struct {
		fact   string
		by     person.Role
		fields with
		want   []string
	}{
		{"adverse-event-recorded", person.Nurse, with{"appointment": "infusion-1", "severity": "severe", "kind": "fall"}, []string{"alert-1 adverse-event raised", "alert-2 vitals-overdue raised"}},
		{"deceased", person.Coordinator, with{}, nil},
	} {
		var got []string
		for _, a := range record.PreviewOf(k.chart, c.fact, report(c.by, "", c.fields), k.now).Alerts {
			got = append(got, a.ID+" "+a.Kind+" "+a.State)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.fact, got, c.want)
		}
	}
}

// TestPreviewSaysWhatCancellingMeans shows the words of a preview.
func TestPreviewSaysWhatCancellingMeans(t *testing.T) {
	t.Parallel()
	k := ready(t, changed(func(p *policy.Policy) { p.Visits.LateCancelFee = 5000 }), "six")
	start := k.now.Add(20 * time.Hour)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(start)})
	handled(k.chart, key("booked/infusion-1/v1"), message.ResultSent, k.now)
	p := record.PreviewOf(k.chart, "appointment-cancelled", report(person.Coordinator, "", with{"appointment": "infusion-1", "side": "client"}), k.now)
	var got []string
	for _, part := range p.Parts() {
		for _, line := range part.Lines {
			got = append(got, part.Heading+": "+line)
		}
	}
	for _, want := range []string{"Visits: Infusion 1 is canceled", "Tasks: New: Book the next infusion (coordinator)", "Money: Medical: ", "by text message"} {
		if !slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, want) }) {
			t.Errorf("%q is not in\n%s", want, strings.Join(got, "\n"))
		}
	}
	t.Log("\n" + strings.Join(got, "\n"))
}

// TestPreviewOfAMoveNamesTheGatesOfTheNewDay: labs that are valid on the old day and not on the new one shut their gate for that
// day, and the preview says so before anybody moves the visit.
func TestPreviewOfAMoveNamesTheGatesOfTheNewDay(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "tentative": true, "start": stamp(k.now.Add(72 * time.Hour))})
	for days, want := range map[int]string{4: "Infusion 1: every gate is open for ", 300: "is shut for "} {
		p := record.PreviewOf(k.chart, "appointment-moved", report(person.Coordinator, "", with{"appointment": "infusion-1", "start": stamp(k.now.AddDate(0, 0, days))}), k.now)
		i := slices.IndexFunc(p.Parts(), func(part record.Part) bool { return part.Heading == "Gates for the new time" })
		if p.Refused != nil || i < 0 || !strings.Contains(strings.Join(p.Parts()[i].Lines, "\n"), want) {
			t.Errorf("in %d days: %v lacks %q (%v)", days, p.Parts(), want, p.Refused)
		}
	}
}

// TestWhatKeepsAnInfusionFromStarting lists the day and the gates together, each with who must act.
func TestWhatKeepsAnInfusionFromStarting(t *testing.T) {
	t.Parallel()
	k := formChart(t)
	problems := k.chart.StartProblems(k.chart.Visit("infusion-1"), k.now)
	if len(problems) == 0 || !strings.Contains(problems[0].Message, "no check-in") || problems[0].MustAct != person.Nurse {
		t.Fatalf("%+v", problems)
	}
	k.do(person.Physician, "hold-placed", with{"reason": "a call"})
	more := k.chart.StartProblems(k.chart.Visit("infusion-1"), k.now)
	if !slices.ContainsFunc(more, func(p care.Problem) bool { return p.Gate != "" && p.MustAct != "" }) || !strings.Contains(more[0].Message, "no check-in") {
		t.Errorf("%+v", more)
	}
}
