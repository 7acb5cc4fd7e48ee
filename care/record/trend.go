package record

import (
	"slices"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/visit"
)

// Reading is one check-in that was answered, with its scores. Nil means that it was not asked or not answered.
type Reading struct {
	CheckIn     string       `json:"check_in"`
	Infusion    string       `json:"infusion,omitempty"` // after which it was asked
	At          time.Time    `json:"at"`
	By          person.Actor `json:"by"`
	ByTelephone bool         `json:"by_telephone"` // the staff took the answers down
	Late        bool         `json:"late"`
	Mood        *int         `json:"mood"` // 0 to 10
	PHQ9        *care.Score  `json:"phq9"`
	GAD7        *care.Score  `json:"gad7"`
	Concern     bool         `json:"concern"` // item 9 above 0
	SideEffects []string     `json:"side_effects"`
	Seq         int          `json:"seq"` // the fact's number in the record

	PHQ9Answers, GAD7Answers []int `json:"-"` // each from 0 to 3, in the order of the questions; only of a list with a score
}

// Mark is one infusion on the line of time.
type Mark struct {
	Infusion string    `json:"infusion"`
	At       time.Time `json:"at"`
}

// Trend is a client's measures over time, the infusions between them, and what changed since the first score.
type Trend struct {
	Readings  []Reading `json:"readings"`
	Infusions []Mark    `json:"infusions"`
	PHQ9      *Progress `json:"phq9"`
	GAD7      *Progress `json:"gad7"`
}

// Progress is the way of one instrument from its first score to its last. Change below 0 is improvement.
type Progress struct {
	First  int `json:"first"`
	Last   int `json:"last"`
	Change int `json:"change"`
	Count  int `json:"count"`
}

// TrendOf reads a client's measures from the record, in the order in which they were answered.
func TrendOf(r HealthRecord) (Trend, error) {
	t := Trend{Readings: []Reading{}, Infusions: []Mark{}}
	answered, err := FactsOf[*care.CheckInAnswered](r)
	if err != nil {
		return Trend{}, err
	}
	checkIn := r.Chart.CheckInFinder()
	for n, x := range answered {
		reading := readingOf(x.Fact, x.Entry)
		if n < len(r.Chart.Answers) { // the chart knows which check-in "latest" was
			reading.CheckIn, reading.Late = r.Chart.Answers[n].CheckIn, r.Chart.Answers[n].Late
		}
		if ci, found := checkIn(reading.CheckIn, x.Now); found {
			reading.Infusion = ci.Infusion
		}
		t.Readings = append(t.Readings, reading)
	}
	slices.SortStableFunc(t.Readings, func(a, b Reading) int { return a.At.Compare(b.At) })
	for _, v := range r.Chart.EveryFulfilled(visit.Infusion) {
		at := v.Start
		if v.Day != nil && !v.Day.StartedAt.IsZero() {
			at = v.Day.StartedAt
		}
		t.Infusions = append(t.Infusions, Mark{Infusion: v.ID, At: at})
	}
	t.PHQ9 = courseOf(t.Readings, func(x Reading) *care.Score { return x.PHQ9 })
	t.GAD7 = courseOf(t.Readings, func(x Reading) *care.Score { return x.GAD7 })
	return t, nil
}

func readingOf(f *care.CheckInAnswered, e care.Entry) Reading {
	x := Reading{CheckIn: f.CheckIn, At: e.At, By: e.By, ByTelephone: e.By.Role != person.Client, Mood: f.Mood, Concern: care.Concern(f.PHQ9),
		SideEffects: f.SideEffects, Seq: e.Seq}
	if x.SideEffects == nil {
		x.SideEffects = []string{}
	}
	if s, err := care.PHQ9.Score(f.PHQ9); err == nil {
		x.PHQ9, x.PHQ9Answers = &s, f.PHQ9
	}
	if s, err := care.GAD7.Score(f.GAD7); err == nil {
		x.GAD7, x.GAD7Answers = &s, f.GAD7
	}
	return x
}

func courseOf(readings []Reading, score func(Reading) *care.Score) *Progress {
	var c *Progress
	for _, x := range readings {
		s := score(x)
		if s == nil {
			continue
		}
		if c == nil {
			c = &Progress{First: s.Total}
		}
		c.Last, c.Change = s.Total, s.Total-c.First
		c.Count++
	}
	return c
}
