package recordexport_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/record"
	"kapflow/recordexport"
)

var denver = func() clock.Zone {
	loc, err := time.LoadLocation("America/Denver")
	if err != nil {
		panic(err)
	}
	return clock.ZoneOf(loc, start)
}()

var start = time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC) // a Monday, 9:00 in Denver

func score(t *testing.T, i care.Instrument, total int) *care.Score {
	t.Helper()
	answers := make([]int, i.Items)
	for n := range answers {
		answers[n] = min(3, total)
		total -= answers[n]
	}
	s, err := i.Score(answers)
	if err != nil {
		t.Fatal(err)
	}
	return &s
}

func sampleTrend(t *testing.T) record.Trend {
	t.Helper()
	trend := record.Trend{}
	for n, x := range []struct{ day, phq9, gad7, mood int }{{0, 19, 15, 3}, {23, 17, 14, 4}, {30, 14, 11, 5}, {37, 12, 9, 6}, {44, 8, 8, 6}, {58, 6, 5, 8}} {
		mood := x.mood
		at := start.AddDate(0, 0, x.day)
		trend.Readings = append(trend.Readings, record.Reading{At: at, PHQ9: score(t, care.PHQ9, x.phq9), GAD7: score(t, care.GAD7, x.gad7), Mood: &mood})
		if n > 0 && n < 5 {
			trend.Infusions = append(trend.Infusions, record.Mark{Infusion: "infusion", At: at.AddDate(0, 0, -1)})
		}
	}
	return trend
}

func TestChartShowsEveryMeasureWithItsBandsAndInfusions(t *testing.T) {
	t.Parallel()
	svg, err := recordexport.Chart(sampleTrend(t), denver)
	if err != nil {
		t.Fatal(err)
	}
	if file := os.Getenv("KEEP_CHART"); file != "" {
		if err := os.WriteFile(file, svg, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	texts := svgTexts(t, svg)
	for want, count := range map[string]int{"PHQ-9, 0 to 27: lower is better": 1, "GAD-7, 0 to 21: lower is better": 1, "Moderately severe": 1, "Severe": 2, "Inf. 4": 3} {
		if got := strings.Count("\n"+strings.Join(texts, "\n")+"\n", "\n"+want+"\n"); got != count {
			t.Errorf("%q is written %d times, want %d; texts: %q", want, got, count, texts)
		}
	}
	again, err := recordexport.Chart(sampleTrend(t), denver)
	if err != nil || !bytes.Equal(svg, again) {
		t.Errorf("the same measures gave another chart (%v)", err)
	}
}

func TestNothingMeasuredIsNoChart(t *testing.T) {
	t.Parallel()
	svg, err := recordexport.Chart(record.Trend{Infusions: []record.Mark{{At: start}}}, denver)
	if svg != nil || err != nil {
		t.Errorf("got %d bytes, %v", len(svg), err)
	}
}

// svgTexts gives the words of an SVG, and fails the test if it is not well-formed.
func svgTexts(t *testing.T, svg []byte) (texts []string) {
	t.Helper()
	inText := false
	for dec := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := dec.Token()
		if err == io.EOF {
			return texts
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			inText = x.Name.Local == "text"
		case xml.EndElement:
			inText = false
		case xml.CharData:
			if inText {
				texts = append(texts, strings.TrimSpace(string(x)))
			}
		}
	}
}
