package staff

import (
	"fmt"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/record"
	"kapflow/care/wording"
	"kapflow/desk"
)

// answersPage is a client's scores over time.
type answersPage struct {
	Head     clientHead
	Drawings []drawing
	Readings []record.Reading // newest first
	Sheets   []answerSheet    // newest first
	Zone     clock.Zone
}

// drawing is one measure over time, in the units of its picture.
type drawing struct {
	Title     string
	Summary   string // for whoever does not see the picture
	Bands     []drawnBand
	Infusions []drawnMark
	Points    []drawnPoint
	Line      string // of the points: "x,y x,y"
	From, To  string // days at the ends
}

type drawnBand struct {
	Y, Height, LabelY float64
	Name              string
	Odd               bool
}

type drawnMark struct {
	X    float64
	Name string
}

type drawnPoint struct {
	X, Y, LabelY float64
	Value        int
}

// The picture's measures: the field in which points are drawn, with space for words around it.
const (
	fieldLeft, fieldRight  = 126.0, 392.0
	fieldTop, fieldBottom  = 22.0, 178.0
	spaceAbove, spaceUnder = 7.0, 15.0 // from a point to its value
)

// answers shows the scores of PHQ-9 and GAD-7 with the infusions marked, as pictures and as a table.
func answers(v *visitor) error {
	m, err := v.site.Desk.ReadMeasures(v.r.Context(), v.who, v.r.PathValue("client"))
	if err != nil {
		return err
	}
	p := answersPage{Head: v.head(m.Client, m.Name, "/answers"), Zone: m.Zone}
	for i := len(m.Readings) - 1; i >= 0; i-- {
		p.Readings = append(p.Readings, m.Readings[i])
		p.Sheets = append(p.Sheets, sheetsOf(m.Readings[i])...)
	}
	phq := drawn(m, "PHQ-9", care.PHQ9.Highest(), care.PHQ9.Bands(), func(r record.Reading) *care.Score { return r.PHQ9 })
	gad := drawn(m, "GAD-7", care.GAD7.Highest(), care.GAD7.Bands(), func(r record.Reading) *care.Score { return r.GAD7 })
	for _, d := range []drawing{phq, gad} {
		if len(d.Points) > 0 {
			p.Drawings = append(p.Drawings, d)
		}
	}
	return v.show(page{Title: "Scores", Template: "answers", Data: p})
}

// scale places instants and scores in the picture.
type scale struct {
	from, to time.Time
	top      float64
}

func (s scale) x(at time.Time) float64 {
	return fieldLeft + (fieldRight-fieldLeft)*float64(at.Sub(s.from))/float64(s.to.Sub(s.from))
}

func (s scale) y(score float64) float64 { return fieldBottom - (fieldBottom-fieldTop)*score/s.top }

// drawn draws one measure.
func drawn(m desk.Measures, title string, highest int, bands []care.Band, score func(record.Reading) *care.Score) drawing {
	s := scaleOf(m, highest)
	d := drawing{Title: title, From: m.Zone.DayLong(s.from), To: m.Zone.DayLong(s.to)}
	for i, b := range bands {
		high := float64(highest)
		if i+1 < len(bands) {
			high = float64(bands[i+1].From)
		}
		top, bottom := s.y(high), s.y(float64(b.From))
		d.Bands = append(d.Bands, drawnBand{Y: top, Height: bottom - top, LabelY: (top+bottom)/2 + 4, Name: wording.Title(b.Name), Odd: i%2 == 1})
	}
	for i, mark := range m.Infusions {
		d.Infusions = append(d.Infusions, drawnMark{s.x(mark.At), fmt.Sprint(i + 1)})
	}
	var line []string
	for _, r := range m.Readings {
		x := score(r)
		if x == nil {
			continue
		}
		at := drawnPoint{X: s.x(r.At), Y: s.y(float64(x.Total)), Value: x.Total}
		at.LabelY = at.Y - spaceAbove
		if at.LabelY < fieldTop+5 {
			at.LabelY = at.Y + spaceUnder
		}
		d.Points = append(d.Points, at)
		line = append(line, fmt.Sprintf("%.1f,%.1f", at.X, at.Y))
	}
	d.Line = strings.Join(line, " ")
	if n := len(d.Points); n > 0 {
		d.Summary = fmt.Sprintf("%s from %s to %s: first %d, last %d, %d scores, %d infusions", title, d.From, d.To, d.Points[0].Value, d.Points[n-1].Value, n, len(d.Infusions))
	}
	return d
}

// scaleOf makes the scale on which every reading and infusion has its place, with space at both ends.
func scaleOf(m desk.Measures, highest int) scale {
	s := scale{top: float64(highest)}
	see := func(at time.Time) {
		if s.from.IsZero() || at.Before(s.from) {
			s.from = at
		}
		if at.After(s.to) {
			s.to = at
		}
	}
	for _, r := range m.Readings {
		see(r.At)
	}
	for _, mark := range m.Infusions {
		see(mark.At)
	}
	space := max(s.to.Sub(s.from)/12, 24*time.Hour)
	s.from, s.to = s.from.Add(-space), s.to.Add(space)
	return s
}
