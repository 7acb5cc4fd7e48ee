package care_test

import (
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// spread gives a form whose answers add up to a sum.
func spread(items, sum int) []int {
	out := make([]int, items)
	for i := range out {
		out[i] = min(3, sum)
		sum -= out[i]
	}
	return out
}

func TestScoresFallIntoThePublishedBands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		form care.Instrument
		sum  int
		band string
	}{
		{care.PHQ9, 0, "minimal"}, {care.PHQ9, 4, "minimal"}, {care.PHQ9, 5, "mild"}, {care.PHQ9, 9, "mild"}, {care.PHQ9, 10, "moderate"},
		{care.PHQ9, 14, "moderate"}, {care.PHQ9, 15, "moderately-severe"}, {care.PHQ9, 19, "moderately-severe"}, {care.PHQ9, 20, "severe"}, {care.PHQ9, 27, "severe"},
		{care.GAD7, 0, "minimal"}, {care.GAD7, 4, "minimal"}, {care.GAD7, 5, "mild"}, {care.GAD7, 9, "mild"}, {care.GAD7, 10, "moderate"},
		{care.GAD7, 14, "moderate"}, {care.GAD7, 15, "severe"}, {care.GAD7, 21, "severe"},
	} {
		got, err := c.form.Score(spread(c.form.Items, c.sum))
		if err != nil || got.Total != c.sum || got.Band != c.band {
			t.Errorf("%s with %d: %+v, %v; want %s", c.form.Name, c.sum, got, err, c.band)
		}
	}
}

func TestAFormThatIsNotWholeHasNoScore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		form := rapid.SampledFrom([]care.Instrument{care.PHQ9, care.GAD7}).Draw(t, "form")
		answers := rapid.SliceOfN(rapid.IntRange(0, 3), form.Items, form.Items).Draw(t, "answers")
		if _, err := form.Score(answers); err != nil {
			t.Fatalf("a whole form: %v", err)
		}
		item := rapid.IntRange(0, form.Items-1).Draw(t, "item")
		answers[item] = rapid.OneOf(rapid.IntRange(-100, -1), rapid.IntRange(4, 100)).Draw(t, "wrong")
		_, err := form.Score(answers)
		if err == nil || !strings.Contains(err.Error(), "item "+string(rune('1'+item))+" ") {
			t.Fatalf("%v: %v, which does not name item %d", answers, err, item+1)
		}
		if _, err := form.Score(answers[:item]); err == nil {
			t.Fatalf("%d answers have a score", item)
		}
	})
}

// TestMeasuresAreAskedForByPolicy: safety rule D6. Baseline and before each infusion by a person, the others with a
// check-in.
func TestMeasuresAreAskedForByPolicy(t *testing.T) {
	t.Parallel()
	p := changed(func(p *policy.Policy) {
		p.Measures = policy.Measures{Baseline: true, BeforeInfusion: true, AfterInfusionDays: []int{7}, AfterSeriesDays: []int{14, 30}}
	})
	k := ready(t, p, "six")
	if x, ok := k.task("take-measures:baseline"); !ok || x.Role != person.Psychotherapist {
		t.Errorf("no baseline is asked for: %v", k.chart.Tasks(k.now))
	}
	k.do(person.Client, "check-in-answered", with{"check_in": "baseline", "phq9": []int{1, 1, 1, 1, 1, 1, 1, 1, 0}, "gad7": []int{1, 1, 1, 1, 1, 1, 1}})
	if _, ok := k.task("take-measures:baseline"); ok {
		t.Error("it was taken, and is still asked for")
	}
	k.do(person.Physician, "plan-set", with{"infusions": 1})
	k.do(person.Coordinator, "estimate-issued", with{"number": "2"})
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	if x, ok := k.task("take-measures:before-infusion-1"); !ok || x.Due.Before(at(9, 10, 0)) {
		t.Errorf("none before the infusion: %v", k.chart.Tasks(k.now))
	}
	k.run(9, "infusion-1")
	if _, ok := k.task("take-measures:before-infusion-1"); ok {
		t.Error("asked for when it is too late")
	}
	k.refused(care.CodeWrongState, person.Client, "check-in-answered", with{"check_in": "before-infusion-1"})
	asked := map[string]bool{}
	for _, ci := range k.chart.CheckIns() {
		asked[ci.ID] = ci.Measures
	}
	want := map[string]bool{"check-in-1-24h": false, "check-in-1-72h": false, "check-in-1-168h": true, "check-in-1-14d": true, "check-in-1-30d": true}
	if !maps.Equal(asked, want) {
		t.Errorf("%v", asked)
	}
}
