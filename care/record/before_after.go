package record

import (
	"cmp"
	"math"
	"slices"
	"time"

	"kapflow/care"
)

// CourseOutcome is what one completed course changed: the first and the last score of each instrument since the course began. Nil means that
// there is none. It names the client by their code, and is for those who may see scores.
type CourseOutcome struct {
	Client    string    `json:"client"`
	Completed time.Time `json:"completed"` // UTC
	PHQ9      *Progress `json:"phq9,omitempty"`
	GAD7      *Progress `json:"gad7,omitempty"`
}

// BeforeAfter is the mean of the first and of the last score of one instrument, over the completed courses that have both. With fewer than
// SmallCell courses there is only the fact that there are too few.
type BeforeAfter struct {
	Name       string   `json:"name"`
	Courses    *int     `json:"courses"`
	First      *float64 `json:"first_mean"`
	Last       *float64 `json:"last_mean"`
	Change     *float64 `json:"change_mean"` // below 0 is improvement
	Suppressed bool     `json:"suppressed"`
}

// courseOutcome gives what a client's course changed; ok is false if it is not completed. Check-ins of a course before it do not count.
func courseOutcome(c *care.Chart, readings []Reading) (o CourseOutcome, ok bool) {
	if c.Stage() != care.StageCompleted {
		return o, false
	}
	if c.Begun != nil {
		readings = slices.DeleteFunc(slices.Clone(readings), func(x Reading) bool { return x.At.Before(c.Begun.At) })
	}
	return CourseOutcome{Client: c.ClientID, Completed: c.Closing.At,
		PHQ9: courseOf(readings, func(x Reading) *care.Score { return x.PHQ9 }), GAD7: courseOf(readings, func(x Reading) *care.Score { return x.GAD7 })}, true
}

// Courses gives the completed courses of the clients who were added, the latest first.
func (t *OutcomesTally) Courses() []CourseOutcome {
	sorted := slices.Clone(t.courses)
	slices.SortFunc(sorted, func(a, b CourseOutcome) int {
		return cmp.Or(b.Completed.Compare(a.Completed), cmp.Compare(a.Client, b.Client))
	})
	return sorted
}

// beforeAfter is the means of one instrument.
func (t *OutcomesTally) beforeAfter(name string, of func(CourseOutcome) *Progress) BeforeAfter {
	b := BeforeAfter{Name: name}
	n, first, last := 0, 0, 0
	for _, o := range t.courses {
		if p := of(o); p != nil && p.Count > 1 {
			n, first, last = n+1, first+p.First, last+p.Last
		}
	}
	if n > 0 && n < SmallCell {
		b.Suppressed = true
		return b
	}
	if b.Courses = &n; n == 0 {
		return b
	}
	mean := func(sum int) *float64 {
		x := math.Round(10*float64(sum)/float64(n)) / 10
		return &x
	}
	b.First, b.Last, b.Change = mean(first), mean(last), mean(last-first)
	return b
}
