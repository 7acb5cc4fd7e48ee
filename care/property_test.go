package care_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/visit"
)

func TestNoSequenceOfFactsBreaksTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		for range rapid.IntRange(10, 45).Draw(t, "steps") {
			m.step()
		}
		m.replayAll()
		m.compare()
	})
}

// wrongWithStart says, without any of the gates' code, why an infusion may not start at a time: was is the
// chart just before, is the one after.
func wrongWithStart(was, is *care.Chart, id string, at time.Time) []string {
	var out []string
	need := func(ok bool, why string) {
		if !ok {
			out = append(out, why)
		}
	}
	held := map[visit.Kind]int{}
	cleared := false // by the consult held last
	var last time.Time
	for _, v := range was.Visits {
		if v.Status == visit.Fulfilled && !v.Start.After(at) {
			held[v.Kind]++
			if v.Kind == visit.Consult && v.Start.After(last) {
				cleared, last = v.Outcome == "cleared", v.Start
			}
		}
	}
	need(was.Closing == nil && was.Pause == nil, "the course is closed or paused")
	need(was.Screening != nil && was.Screening.CriteriaMet && was.Screening.PrefersKAP && len(was.Presenting) > 0, "the client is not accepted")
	for _, h := range was.Holds {
		need(!h.ReleasedAt.IsZero(), "there is a hold")
	}
	next := 1
	for _, v := range was.Visits {
		if v.Kind == visit.Infusion && v.Status == visit.Fulfilled {
			next++
		}
	}
	overridden := func(gate string) bool {
		return slices.ContainsFunc(was.Overrides, func(o care.Override) bool { return o.Gate == gate && o.Infusion == next })
	}
	for _, f := range was.Flags {
		need(f.Decision == "proceed" || overridden("flags"), "a flag is not decided")
	}
	if next == 1 {
		need(held[visit.Evaluation] > 0, "no evaluation was held")
		need(held[visit.Preparation] >= max(4, was.Policy.Preparation.MinimumSessions), fmt.Sprint(held[visit.Preparation], " preparation sessions were held"))
		need(cleared, "no consult cleared it")
		need(was.Education != nil && !was.Education.At.After(at), "there was no education")
		signed := map[string]bool{}
		for _, s := range was.Signatures {
			signed[s.Service] = s.Version == was.Policy.Preparation.ConsentVersion && !s.At.After(at)
		}
		need(signed["medical"] && signed["psychotherapy"], "a consent is missing")
	}
	need(was.Dose != nil, "there is no dose order")
	need(was.Package != nil && was.Estimate != nil, "there is no estimate")
	need(len(was.Labs) > 0, "there are no labs")
	if len(was.Labs) > 0 {
		l := was.Labs[len(was.Labs)-1]
		for i := len(was.Labs) - 2; i >= 0 && l.Result == ""; i-- { // ordered again, and no result yet: the one before counts
			l = was.Labs[i]
		}
		need(l.Result != "preliminary" && l.Outcome == "cleared" && !l.ValidUntil.Before(at) && !l.ReviewedAt.After(at), "the labs are not cleared and valid")
	}
	day := is.Visit(id).Day
	need(day != nil && denver.SameDay(day.CheckedInAt, at) && len(day.Unmet) == 0 && !day.TherapistOut, "the check-in is not complete")
	if day != nil {
		for _, item := range day.Sheet {
			need(item.Item != "state-of-mind" || at.Sub(item.At) <= time.Hour, "the state of mind was not checked right before")
		}
	}
	end := at.Add(time.Duration(is.Visit(id).Minutes) * time.Minute)
	for _, a := range was.Absences {
		need(!a.From.Before(end) || !a.To.After(at) || a.Clinician != was.Psychotherapist && a.Clinician != was.Physician, "a clinician is away")
	}
	for _, v := range was.Visits {
		need(v.ID == id || v.Day == nil || v.Day.StartedAt.IsZero() || !v.Day.StoppedAt.IsZero(), "another infusion is running")
	}
	return out
}

// replayed is what the journal's lines add up to.
type replayed map[string]string

func (m *machine) replay(changes []care.Change) {
	for _, ch := range changes {
		m.changes++
		if ch.Seq != m.changes {
			m.Fatalf("journal line %d has the number %d", m.changes, ch.Seq)
		}
		if ch.Type == "clinician" {
			continue // it stands in the chart itself
		}
		key := ch.Type + " " + ch.Subject + ":" + ch.About
		switch ch.Type {
		case "stage":
			key = "stage"
			if m.journal[key] != ch.From {
				m.Fatalf("the stage goes from %s, but it was %s", ch.From, m.journal[key])
			}
		case "alert":
			key = "alert " + ch.Reason
		case "task":
			if known := m.journal[key] != ""; known == (ch.State == "opened") {
				m.Fatalf("the task %s is %s: known before: %v", key, ch.State, known)
			}
			if ch.State == "done" {
				delete(m.journal, key)
				continue
			}
		}
		m.journal[key] = ch.State
	}
}

// lookAtJournal holds that the journal's lines add up to what is derived.
func (m *machine) lookAtJournal() {
	want := replayed{"stage": string(m.chart.Stage())}
	for _, g := range m.chart.Gates(m.now) {
		want["gate "+g.Gate+":"] = map[bool]string{true: "open", false: "shut"}[g.Open]
	}
	for _, x := range m.chart.Tasks(m.now) {
		key := "task " + x.Task + ":" + x.About
		want[key] = "opened"
		if m.chart.Published.Tasks[x.ID()].Escalated {
			want[key] = "escalated"
		}
	}
	for _, a := range m.chart.Alerts {
		want["alert "+a.ID] = m.chart.AlertState(a, m.now)
	}
	if !maps.Equal(want, m.journal) {
		m.Fatalf("the journal adds up to %v, derived is %v", m.journal, want)
	}
}

// sheets is what was reported of each infusion's check-in, field by field, as answered last.
type sheets map[string]answers

type answers map[string]any

func (s sheets) take(fields with) {
	id := fields["appointment"].(string)
	if s[id] == nil {
		s[id] = answers{}
	}
	for field, value := range fields {
		if value != nil && value != "" && value != 0 {
			s[id][field] = value
		}
	}
}

// wrong says what was reported that no infusion may start with.
func (a answers) wrong() []string {
	var out []string
	for _, field := range []string{"psychotherapist_present", "physician_present", "emergency_ready", "identity", "intention", "state_of_mind", "no_alcohol"} {
		if a[field] == nil || a[field] == false {
			out = append(out, fmt.Sprint(field, " was reported as ", a[field]))
		}
	}
	if a["escort"] == nil || a["escort"] == "none" {
		out = append(out, fmt.Sprint("the escort was reported as ", a["escort"]))
	}
	return out
}
