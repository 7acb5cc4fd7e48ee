package record

import (
	"math"
	"slices"

	"kapflow/care"
	"kapflow/care/visit"
)

// SmallCell is the least number of clients that a summary may speak of: below it somebody could be recognised.
const SmallCell = 5

// Outcomes sums up how the practice's clients fare. It names nobody: no ids, no dates, and no number that fewer
// than SmallCell clients stand behind.
type Outcomes struct {
	Clients     Cell          `json:"clients"`
	Stages      []Cell        `json:"stages"`
	Medians     []Median      `json:"medians"`
	BeforeAfter []BeforeAfter `json:"before_after"`
	SideEffects []Cell        `json:"side_effects"` // clients who reported it at least once
	Adverse     []Cell        `json:"adverse_events"`
	SmallCell   int           `json:"small_cell"` // numbers of clients from 1 to below this are not told
}

// Cell is a number of clients. A suppressed one has no number.
type Cell struct {
	Name       string `json:"name"`
	Count      *int   `json:"count"`
	Suppressed bool   `json:"suppressed"`
}

// Median is the middle of one value over the clients who have it, with the quarters around it. With fewer than
// SmallCell clients there is only the fact that there are too few.
type Median struct {
	Name       string   `json:"name"`
	Unit       string   `json:"unit"`
	Clients    *int     `json:"clients"`
	Median     *float64 `json:"median"`
	Low        *float64 `json:"lower_quartile"`
	High       *float64 `json:"upper_quartile"`
	Suppressed bool     `json:"suppressed"`
}

// OutcomesTally adds up what clients add to a summary, so that not all are in memory at once.
type OutcomesTally struct {
	clients                  int
	stages, effects, adverse map[string]int
	weeks, infusions         []float64
	phq9, gad7               []float64
	courses                  []CourseOutcome // completed
}

// ClientOutcome is what one client adds to the summary of all.
type ClientOutcome struct {
	Stage       care.Stage      `json:"stage"`
	Weeks       float64         `json:"weeks"`     // from enrolment to the first infusion, if there was one
	Infusions   int             `json:"infusions"` // held
	PHQ9        *Progress       `json:"phq9,omitempty"`
	GAD7        *Progress       `json:"gad7,omitempty"`
	Course      *CourseOutcome  `json:"course,omitempty"`       // of a completed course
	SideEffects []string        `json:"side_effects,omitempty"` // each once
	Adverse     []care.Severity `json:"adverse,omitempty"`      // each once
}

// OutcomeForm is the number of OutcomeOf. It grows by one with every change of what that gives, so that what an earlier build stored is
// worked out again.
const OutcomeForm = 1

// OutcomeOf works out what a client adds, from the chart and the facts that OutcomeFacts names.
func OutcomeOf(r HealthRecord) (o ClientOutcome, err error) {
	c := r.Chart
	o.Stage = c.Stage()
	if held := c.EveryFulfilled(visit.Infusion); len(held) > 0 {
		o.Weeks, o.Infusions = held[0].Start.Sub(c.EnrolledAt).Hours()/(24*7), len(held)
	}
	trend, err := TrendOf(r)
	if err != nil {
		return o, err
	}
	o.PHQ9, o.GAD7 = trend.PHQ9, trend.GAD7
	if course, completed := courseOutcome(c, trend.Readings); completed {
		o.Course = &course
	}
	for _, x := range trend.Readings {
		for _, e := range x.SideEffects {
			if !slices.Contains(care.SideEffects(), e) {
				e = "other"
			}
			o.SideEffects = withOnce(o.SideEffects, e)
		}
	}
	events, err := FactsOf[*care.AdverseEvent](r)
	for _, x := range events {
		o.Adverse = withOnce(o.Adverse, x.Fact.Severity)
	}
	return o, err
}

// withOnce is a list with one more value, if it is not there yet.
func withOnce[T comparable](list []T, value T) []T {
	if slices.Contains(list, value) {
		return list
	}
	return append(list, value)
}

// NewOutcomesTally begins a tally.
func NewOutcomesTally() *OutcomesTally {
	return &OutcomesTally{stages: map[string]int{}, effects: map[string]int{}, adverse: map[string]int{}}
}

// OutcomeFacts names the facts that OutcomeOf needs of a record.
func OutcomeFacts() []string {
	return []string{care.KindFor[*care.CheckInAnswered]().Name, care.KindFor[*care.AdverseEvent]().Name}
}

// Outcomes is the summary of the clients who were added.
func (t *OutcomesTally) Outcomes() Outcomes {
	var stages []string
	for _, s := range care.Stages() {
		stages = append(stages, string(s))
	}
	return Outcomes{
		Clients:     SuppressSmallCells([]string{"clients"}, map[string]int{"clients": t.clients})[0],
		Stages:      SuppressSmallCells(stages, t.stages),
		SideEffects: SuppressSmallCells(care.SideEffects(), t.effects),
		Adverse:     SuppressSmallCells(care.SeverityNames(), t.adverse),
		Medians: []Median{
			medianOf("enrolment-to-first-infusion", "weeks", t.weeks),
			medianOf("infusions-per-client", "infusions", t.infusions),
			medianOf("phq9-change", "points", t.phq9),
			medianOf("gad7-change", "points", t.gad7),
		},
		BeforeAfter: []BeforeAfter{
			t.beforeAfter("phq9", func(o CourseOutcome) *Progress { return o.PHQ9 }),
			t.beforeAfter("gad7", func(o CourseOutcome) *Progress { return o.GAD7 }),
		},
		SmallCell: SmallCell,
	}
}

// Add adds one more client.
func (t *OutcomesTally) Add(o ClientOutcome) {
	t.clients++
	t.stages[string(o.Stage)]++
	if o.Infusions > 0 {
		t.weeks, t.infusions = append(t.weeks, o.Weeks), append(t.infusions, float64(o.Infusions))
	}
	for _, p := range []struct {
		of   *Progress
		into *[]float64
	}{{o.PHQ9, &t.phq9}, {o.GAD7, &t.gad7}} {
		if p.of != nil && p.of.Count > 1 {
			*p.into = append(*p.into, float64(p.of.Change))
		}
	}
	if o.Course != nil {
		t.courses = append(t.courses, *o.Course)
	}
	for _, e := range o.SideEffects {
		t.effects[e]++
	}
	for _, severity := range o.Adverse {
		t.adverse[string(severity)]++
	}
}

// SuppressSmallCells makes a table's cells. A small number is not told; when it would be the only one missing, the next
// smallest is not told either, so that it cannot be worked out from the total.
func SuppressSmallCells(names []string, counts map[string]int) []Cell {
	cells := make([]Cell, len(names))
	var told []int // of the cells that are told, those above 0
	hidden := 0
	for i, name := range names {
		n := counts[name]
		cells[i] = Cell{Name: name, Count: &n}
		if n > 0 && n < SmallCell {
			cells[i] = Cell{Name: name, Suppressed: true}
			hidden++
		} else if n > 0 {
			told = append(told, i)
		}
	}
	if hidden == 1 && len(told) > 0 {
		least := slices.MinFunc(told, func(a, b int) int { return *cells[a].Count - *cells[b].Count })
		cells[least] = Cell{Name: names[least], Suppressed: true}
	}
	return cells
}

func medianOf(name, unit string, values []float64) Median {
	m := Median{Name: name, Unit: unit}
	n := len(values)
	if n > 0 && n < SmallCell {
		m.Suppressed = true
		return m
	}
	m.Clients = &n
	if n == 0 {
		return m
	}
	slices.Sort(values)
	low, mid, high := quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75)
	m.Low, m.Median, m.High = &low, &mid, &high
	return m
}

// quantile gives a quantile of sorted values, between two of them in proportion, to one decimal.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	v := sorted[i]
	if i+1 < len(sorted) {
		v += (at - float64(i)) * (sorted[i+1] - sorted[i])
	}
	return math.Round(v*10) / 10
}
