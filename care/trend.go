package care

import (
	"slices"
	"time"

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
	PHQ9        *Score       `json:"phq9"`
	GAD7        *Score       `json:"gad7"`
	Concern     bool         `json:"concern"` // item 9 above 0
	SideEffects []string     `json:"side_effects"`
	Seq         int          `json:"seq"` // the fact's number in the record
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
	n := 0
	for _, e := range r.Facts {
		fact, err := r.Fact(e)
		if err != nil {
			return Trend{}, err
		}
		f, ok := fact.(*CheckInAnswered)
		if !ok {
			continue
		}
		reading := readingOf(f, e)
		if n < len(r.Chart.Answers) { // the chart knows which check-in "latest" was
			reading.CheckIn, reading.Late = r.Chart.Answers[n].CheckIn, r.Chart.Answers[n].Late
		}
		if ci, found := r.Chart.checkIn(reading.CheckIn, e.Now); found {
			reading.Infusion = ci.Infusion
		}
		t.Readings = append(t.Readings, reading)
		n++
	}
	slices.SortStableFunc(t.Readings, func(a, b Reading) int { return a.At.Compare(b.At) })
	for _, v := range r.Chart.fulfilled(visit.Infusion) {
		at := v.Start
		if v.Day != nil && !v.Day.StartedAt.IsZero() {
			at = v.Day.StartedAt
		}
		t.Infusions = append(t.Infusions, Mark{Infusion: v.ID, At: at})
	}
	t.PHQ9 = courseOf(t.Readings, func(x Reading) *Score { return x.PHQ9 })
	t.GAD7 = courseOf(t.Readings, func(x Reading) *Score { return x.GAD7 })
	return t, nil
}

func readingOf(f *CheckInAnswered, e Entry) Reading {
	x := Reading{CheckIn: f.CheckIn, At: e.At, By: e.By, ByTelephone: e.By.Role != person.Client, Mood: f.Mood, Concern: Concern(f.PHQ9),
		SideEffects: f.SideEffects, Seq: e.Seq}
	if x.SideEffects == nil {
		x.SideEffects = []string{}
	}
	if s, err := PHQ9.Score(f.PHQ9); err == nil {
		x.PHQ9 = &s
	}
	if s, err := GAD7.Score(f.GAD7); err == nil {
		x.GAD7 = &s
	}
	return x
}

func courseOf(readings []Reading, score func(Reading) *Score) *Progress {
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

// Band is a range of an instrument's sum with its published name: from From up to but not including the next.
type Band struct {
	From int    `json:"from"`
	Name string `json:"name"`
}

// Bands lists an instrument's bands from the lowest.
func (i Instrument) Bands() []Band {
	out := make([]Band, len(i.bands))
	for n, b := range i.bands {
		out[n] = Band{From: b.from, Name: b.name}
	}
	return out
}

// Highest is the highest possible sum.
func (i Instrument) Highest() int { return i.Items * highestAnswer }

// AsksMeasures says whether a check-in asks PHQ-9 and GAD-7 besides mood and side effects: not in the first days, as
// both look back over two weeks (07-safety D6).
func (c *Chart) AsksMeasures(ci CheckIn) bool {
	v := c.Visit(ci.Infusion)
	if v == nil || c.Policy.CheckIns.MeasuresFromHours == 0 {
		return true
	}
	// The check-in's hour is the client's morning, not the infusion's own: a day counts from its beginning.
	return ci.Due.Sub(v.Start) >= time.Duration(c.Policy.CheckIns.MeasuresFromHours-24)*time.Hour
}

// CheckInNamed finds a check-in that was armed, by its id or "latest".
func (c *Chart) CheckInNamed(id string, now time.Time) (CheckIn, bool) { return c.checkIn(id, now) }

// Answered says whether a check-in was answered.
func (c *Chart) Answered(checkIn string) bool { return c.answered(checkIn) }
