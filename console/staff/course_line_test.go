package staff

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/record"
	"kapflow/care/visit"
)

// lineStart is when the clients of these tests were enrolled.
var lineStart = time.Date(2026, time.November, 30, 16, 0, 0, 0, time.UTC)

// lineChart is a course with a held, a canceled, a booked and a tentative visit, and an answered check-in.
func lineChart() *care.Chart {
	at := func(day int) time.Time { return lineStart.AddDate(0, 0, day) }
	return &care.Chart{ClientID: "client-a", EnrolledAt: lineStart, Answers: []care.CheckInReply{{CheckIn: "check-in-1-24h", At: at(22)}}, Visits: []care.Visit{
		{ID: "preparation-1", Kind: visit.Preparation, Start: at(7), Minutes: 60, Status: visit.Fulfilled},
		{ID: "infusion-1", Kind: visit.Infusion, Start: at(21), Minutes: 60, Status: visit.Fulfilled},
		{ID: "integration-1", Kind: visit.Integration, Start: at(23), Minutes: 60, Status: visit.Cancelled},
		{ID: "infusion-2", Kind: visit.Infusion, Start: at(28), Minutes: 60, Status: visit.Booked},
		{ID: "infusion-3", Kind: visit.Infusion, Start: at(35), Minutes: 60, Status: visit.Booked, Tentative: true},
	}}
}

// TestTheCourseLineShowsEachVisitAsItStands: shapes tell what was held, what is ahead, what is tentative and what was canceled.
func TestTheCourseLineShowsEachVisitAsItStands(t *testing.T) {
	t.Parallel()
	score := care.Score{Total: 12}
	line := drawCourse(lineChart(), []record.Reading{{At: lineStart.AddDate(0, 0, 1), PHQ9: &score}}, lineStart.AddDate(0, 0, 25))
	var got []string
	for _, l := range line.Lanes {
		for _, m := range l.Marks {
			got = append(got, fmt.Sprint(l.Label, " ", m.Name, " ", m.Look))
		}
	}
	want := "Infusions 1 held|Infusions 2 booked|Infusions 3 tentative|Sessions and consults  held|Sessions and consults  gone|Check-ins  answered|PHQ-9: 12  score"
	if strings.Join(got, "|") != want {
		t.Errorf("%s\nwant %s", strings.Join(got, "|"), want)
	}
	if !strings.Contains(line.Say, "1 infusion held, 2 ahead, 1 session or consult held, 1 check-in answered") {
		t.Errorf("%s", line.Say)
	}
	if len(line.Items) != 7 || line.Items[0].Status != "12" || line.Items[1].What.Href != `href="/c/client-a/visits/preparation-1"` {
		t.Errorf("the list: %+v", line.Items)
	}
	if got := drawCourse(&care.Chart{EnrolledAt: lineStart}, nil, lineStart); got != nil {
		t.Errorf("a course that only began is drawn: %+v", got)
	}
}

// percent is a place along the line.
func percent(t *rapid.T, x string) float64 {
	n, err := strconv.ParseFloat(strings.TrimSuffix(x, "%"), 64)
	if err != nil {
		t.Fatalf("%q is no place: %v", x, err)
	}
	return n
}

// TestMarksStandAtTheirTrueDistance: for any visits and any now, every mark is inside the picture, what is later is never further left,
// and there are never more days along the line than fit on a phone.
func TestMarksStandAtTheirTrueDistance(t *testing.T) {
	t.Parallel()
	loc, err := time.LoadLocation("America/Denver")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		c := &care.Chart{EnrolledAt: lineStart, Zone: clock.ZoneOf(loc, lineStart)}
		for i, hours := range rapid.SliceOfN(rapid.IntRange(-24, 24*500), 1, 40).Draw(t, "hours") {
			kind := rapid.SampledFrom([]visit.Kind{visit.Infusion, visit.Preparation, visit.Consult}).Draw(t, "kind")
			status := rapid.SampledFrom([]visit.Status{visit.Booked, visit.Fulfilled, visit.Cancelled, visit.NoShow}).Draw(t, "status")
			c.Visits = append(c.Visits, care.Visit{ID: fmt.Sprintf("%s-%d", kind, i+1), Kind: kind, Start: lineStart.Add(time.Duration(hours) * time.Hour), Minutes: 60, Status: status})
		}
		now := lineStart.Add(time.Duration(rapid.IntRange(0, 24*700).Draw(t, "now")) * time.Hour)
		line := drawCourse(c, nil, now)
		marks := 0
		for _, l := range line.Lanes {
			for i, m := range l.Marks {
				marks++
				x := percent(t, m.X)
				if x < courseFrom || x > courseTo || m.Y <= 0 || m.Y >= line.Base || m.Look == "" {
					t.Fatalf("%+v is outside of the picture or has no look", m)
				}
				if i > 0 && (x < percent(t, l.Marks[i-1].X)) != m.At.Before(l.Marks[i-1].At) {
					t.Fatalf("%+v is drawn before %+v", m, l.Marks[i-1])
				}
			}
		}
		if marks != len(c.Visits) || len(line.Items) != marks {
			t.Fatalf("%d of %d visits are drawn, %d listed", marks, len(c.Visits), len(line.Items))
		}
		if today := percent(t, line.Today); today < courseFrom || today > courseTo || len(line.Ticks) > mostTicks+1 {
			t.Fatalf("today at %s, %d days", line.Today, len(line.Ticks))
		}
	})
}
