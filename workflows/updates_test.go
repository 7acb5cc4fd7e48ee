package workflows_test

import (
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"kapflow/care"
	"kapflow/care/person"
)

// send sends a report as an update, as whoever can reach Temporal may, and notes in misdirected whether the journey refused it
// for what it is made for.
func (r *rig) sendAs(when time.Time, fact, updateID string, sent care.Report, misdirected *bool) {
	r.then(when, func() {
		r.env.UpdateWorkflow(fact, updateID, &testsuite.TestUpdateCallback{
			OnAccept: func() {},
			OnReject: func(err error) {
				var application *temporal.ApplicationError
				*misdirected = errors.As(err, &application) && application.Type() == care.CodeMisdirected
			},
			OnComplete: func(any, error) {},
		}, sent)
	})
}

// TestReportCountsOnlyForWhatItWasMadeFor sends the report of a hold as every other kind of fact, and reports of every kind as the
// release of a hold. All other pairs are tried in care.
func TestReportCountsOnlyForWhatItWasMadeFor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	at := monday.Add(time.Minute)
	refused := map[string]*bool{}
	try := func(made, as care.Kind) {
		if as.Opens || as.Name == made.Name {
			return
		}
		id := made.Name + " as " + as.Name
		if refused[id] != nil {
			return
		}
		sent := report(as.By[0], string(as.By[0]), map[string]any{"reason": "x"})
		sent.ID, sent.To = id, care.Address{Fact: made.Name, Client: r.chart.ClientID, SentAt: at}
		refused[id] = new(bool)
		r.sendAs(at, as.Name, id, sent, refused[id])
	}
	placed, _ := care.KindNamed("hold-placed")
	released, _ := care.KindNamed("hold-released")
	for _, kind := range care.Vocabulary() {
		try(placed, kind)
		try(kind, released)
	}
	r.run(monday.AddDate(0, 0, 1))
	for id, misdirected := range refused {
		if !*misdirected {
			t.Errorf("%s was not refused for it", id)
		}
	}
}

// TestReportCountsOnlyInItsTimeAndPlace tries one that is right in everything but one thing.
func TestReportCountsOnlyInItsTimeAndPlace(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	at := monday.Add(48 * time.Hour)
	refused, want := map[string]*bool{}, map[string]bool{}
	for name, c := range map[string]struct {
		change   func(*care.Report)
		updateID string
		refused  bool
	}{
		"Right":           {change: func(*care.Report) {}},
		"AnotherClient":   {change: func(r *care.Report) { r.To.Client = "client-other" }, refused: true},
		"AnotherUpdate":   {change: func(*care.Report) {}, updateID: "another", refused: true},
		"AnotherID":       {change: func(r *care.Report) { r.ID += "x" }, refused: true},
		"NoID":            {change: func(r *care.Report) { r.ID = "" }, refused: true},
		"NoAddress":       {change: func(r *care.Report) { r.To = care.Address{} }, refused: true}, // as earlier builds sent it
		"NoTime":          {change: func(r *care.Report) { r.To.SentAt = time.Time{} }, refused: true},
		"JustYoungEnough": {change: func(r *care.Report) { r.To.SentAt = at.Add(-care.ReportAge) }},
		"TooOld":          {change: func(r *care.Report) { r.To.SentAt = at.Add(-care.ReportAge - time.Second) }, refused: true},
		"FromTomorrow":    {change: func(r *care.Report) { r.To.SentAt = at.Add(care.ReportAge + time.Second) }, refused: true},
	} {
		sent := report(person.Psychotherapist, "psy-sample", map[string]any{"intention": "ref:1"})
		sent.ID, sent.To = name, care.Address{Fact: "goals-recorded", Client: r.chart.ClientID, SentAt: at}
		id := sent.ID
		if c.updateID != "" {
			id = c.updateID
		}
		c.change(&sent)
		refused[name], want[name] = new(bool), c.refused
		r.sendAs(at, "goals-recorded", id, sent, refused[name])
	}
	r.run(monday.AddDate(0, 0, 3))
	for name, got := range refused {
		if *got != want[name] {
			t.Errorf("%s: refused is %v", name, *got)
		}
	}
}
