package care

import (
	"fmt"
	"slices"
	"time"

	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// Instrument is a questionnaire that is scored by its published rule: the answers, each 0 to 3, are added up,
// and the sum falls into a band. The questions' text is on the client's page, not here.
type Instrument struct {
	Name  string // as the field of check-in-answered: phq9, gad7
	Items int
	bands []band
}

type band struct {
	from int
	name string
}

// PHQ9 is scored 0 to 27 with cut-offs at 5, 10, 15 and 20: Kroenke, Spitzer and Williams 2001, J Gen Intern
// Med 16:606. Item 9 above 0 is a flag whatever the sum (safety rule D7).
var PHQ9 = Instrument{Name: "phq9", Items: 9,
	bands: []band{{0, "minimal"}, {5, "mild"}, {10, "moderate"}, {15, "moderately-severe"}, {20, "severe"}}}

// GAD7 is scored 0 to 21 with cut-offs at 5, 10 and 15: Spitzer and others 2006, Arch Intern Med 166:1092.
var GAD7 = Instrument{Name: "gad7", Items: 7,
	bands: []band{{0, "minimal"}, {5, "mild"}, {10, "moderate"}, {15, "severe"}}}

// highestAnswer is "nearly every day"; the lowest is 0, "not at all".
const highestAnswer = 3

// Score is a questionnaire's sum and the band that it falls into.
type Score struct {
	Total int    `json:"total"`
	Band  string `json:"band"`
}

// Score adds the answers up. A form that is not whole has no score: too few or too many answers, or one
// outside 0 to 3, is an error that names the item.
func (i Instrument) Score(answers []int) (Score, error) {
	if faults := i.faults(answers); len(faults) > 0 {
		return Score{}, fmt.Errorf("%s: %s", i.Name, faults[0])
	}
	s := Score{}
	for _, n := range answers {
		s.Total += n
	}
	for _, b := range i.bands {
		if s.Total >= b.from {
			s.Band = b.name
		}
	}
	return s, nil
}

// faults gives everything wrong with a form, item by item, counted from 1 as on paper.
func (i Instrument) faults(answers []int) []string {
	var out []string
	if len(answers) != i.Items {
		out = append(out, fmt.Sprintf("has %d answers; it has %d questions", len(answers), i.Items))
	}
	for n, a := range answers {
		if a < 0 || a > highestAnswer {
			out = append(out, fmt.Sprintf("item %d is %d; every answer is 0, 1, 2 or 3", n+1, a))
		}
	}
	return out
}

// concernItem is the question of PHQ-9 about being better off dead or hurting oneself, counted from 1.
const concernItem = 9

// Concern says whether a whole PHQ-9 form flags item 9. It is a flag, not a diagnosis, and its absence clears
// nobody: the item's sensitivity is 0.69 (PMC3121214).
func Concern(phq9 []int) bool { return len(phq9) == PHQ9.Items && phq9[concernItem-1] > 0 }

// SideEffects lists the codes that a check-in offers to tick: our own words for what the literature follows
// up. The published questionnaires are copyrighted and no text of theirs is used.
func SideEffects() []string {
	return []string{"bladder", "memory", "craving", "nausea", "headache", "dizziness", "sleep", "blurred-vision", "unreal", "heart", "low-mood", "other"}
}

// afterSeries lists the days after the last planned infusion on which the client is asked once more.
func (c *Chart) afterSeries() []int {
	days := slices.Clone(c.Policy.Measures.AfterSeriesDays)
	if d := c.Policy.CheckIns.AfterLastDays; d > 0 && !slices.Contains(days, d) {
		days = append(days, d)
	}
	slices.Sort(days)
	return days
}

// baseline is the name of the measures before the first infusion of the course: baseline, and baseline-2 in a second one.
func (c *Chart) baseline() string {
	if c.Course > 0 {
		return "baseline-" + itoa(c.Course+1)
	}
	return "baseline"
}

// baselineDays is how long a baseline may wait while no infusion is booked.
const baselineDays = 60

// measureTimes lists the measures that no message asks for, taken or not: the baseline, and one before each infusion that
// is booked firmly. Due is the start of the infusion that they come before.
func (c *Chart) measureTimes() []CheckIn {
	var out []CheckIn
	booked := slices.DeleteFunc(c.BookedInfusions(), func(v *Visit) bool { return v.Tentative })
	if since, ready := c.readySince(); ready && c.Policy.Measures.Baseline {
		due := c.Zone.AddDays(since, baselineDays)
		if len(booked) > 0 && booked[0].Start.Before(due) {
			due = booked[0].Start
		}
		out = append(out, CheckIn{ID: c.baseline(), Due: due, Measures: true})
	}
	for _, v := range booked {
		if c.Policy.Measures.BeforeInfusion {
			out = append(out, CheckIn{ID: "before-" + v.ID, Due: v.Start, Measures: true})
		}
	}
	return out
}

// MeasuresWanted lists the measures still to be taken before the next infusion. Once the client is on the chair it is too
// late for them, and they are not asked for any more.
func (c *Chart) MeasuresWanted() []CheckIn {
	next := c.next(visit.Infusion)
	if next != nil && next.Day != nil {
		return nil
	}
	return slices.DeleteFunc(c.measureTimes(), func(ci CheckIn) bool {
		switch {
		case c.answered(ci.ID):
			return true
		case ci.ID == c.baseline():
			return c.count(visit.Infusion, visit.Fulfilled) > 0
		}
		return ci.ID != "before-"+next.ID
	})
}

// measures asks the psychotherapist for what no message asks for. An escalation would be of no use: it is taken in time
// or not at all.
func (l *taskList) measures() {
	for _, ci := range l.c.MeasuresWanted() {
		if l.now.Before(ci.Due.Add(time.Hour)) {
			l.add("take-measures", person.Psychotherapist, ci.ID, ci.Due.Add(time.Hour), "Take PHQ-9 and GAD-7 ("+wording.Title(ci.ID)+")")
		}
	}
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
// both look back over two weeks (safety rule D6).
func (c *Chart) AsksMeasures(ci CheckIn) bool {
	v := c.Visit(ci.Infusion)
	if v == nil || c.Policy.CheckIns.MeasuresFromHours == 0 {
		return true
	}
	// The check-in's hour is the client's morning, not the infusion's own: a day counts from its beginning.
	return ci.Due.Sub(v.Start) >= time.Duration(c.Policy.CheckIns.MeasuresFromHours-24)*time.Hour
}

// Answered says whether a check-in was answered.
func (c *Chart) Answered(checkIn string) bool { return c.answered(checkIn) }
