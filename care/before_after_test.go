package care_test

import (
	"fmt"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/record"
)

// completed is the record of a client who answered twice, with the course that is closed now.
func completed(t failer, a answered, how care.Ending) record.HealthRecord {
	r := answeredRecord(t, a)
	r.Chart.Closing = &care.Closing{How: how, At: r.Facts[len(r.Facts)-1].At.Add(time.Hour)}
	return r
}

// TestBeforeAndAfterAreMeansOfFiveCoursesAndNoFewer: open courses, those that ended in another way and those with one score do not count.
func TestBeforeAndAfterAreMeansOfFiveCoursesAndNoFewer(t *testing.T) {
	t.Parallel()
	once := completed(t, answered{"client-once", 2, 20, 0, nil}, care.EndCompleted)
	once.Facts = once.Facts[:1]
	records := []record.HealthRecord{answeredRecord(t, answered{"client-open", 2, 27, 0, nil}), completed(t, answered{"client-left", 2, 27, 0, nil}, care.EndWithdrawn), once}
	if none := outcomesOf(t, records...).BeforeAfter[0]; none.Suppressed || none.Courses == nil || *none.Courses != 0 || none.Change != nil {
		t.Errorf("without a course that counts: %+v", none)
	}
	for n := range 6 {
		records = append(records, completed(t, answered{fmt.Sprint("client-", n), n + 2, 10 + n, 8 - n, nil}, care.EndCompleted))
		got := outcomesOf(t, records...).BeforeAfter
		few := n+1 < record.SmallCell
		if got[0].Name != "phq9" || got[0].Suppressed != few || few && (got[0].Courses != nil || got[0].First != nil || got[0].Last != nil || got[0].Change != nil) {
			t.Errorf("%d courses: %+v", n+1, got[0])
		}
		if got[1].Name != "gad7" || got[1].Suppressed || *got[1].Courses != 0 {
			t.Errorf("nobody answered the GAD-7: %+v", got[1])
		}
	}
	six := outcomesOf(t, records...).BeforeAfter[0]
	if *six.Courses != 6 || *six.First != 12.5 || *six.Last != 5.5 || *six.Change != -7 {
		t.Errorf("six courses: %d, from %v to %v, %v", *six.Courses, *six.First, *six.Last, *six.Change)
	}
}

// TestACourseCountsItsOwnScores: not those of the course before it, and the latest course stands first.
func TestACourseCountsItsOwnScores(t *testing.T) {
	t.Parallel()
	second := completed(t, answered{"client-second", 2, 21, 3, nil}, care.EndCompleted)
	second.Chart.Course, second.Chart.Begun = 1, &care.Done{At: second.Facts[1].At.Add(-time.Minute)}
	tally := tallyOf(t, completed(t, answered{"client-early", 1, 15, 9, nil}, care.EndCompleted), completed(t, answered{"client-late", 8, 12, 4, nil}, care.EndCompleted), second)
	var got []string
	for _, c := range tally.Courses() {
		got = append(got, fmt.Sprintf("%s %d to %d of %d", c.Client, c.PHQ9.First, c.PHQ9.Last, c.PHQ9.Count))
		if c.GAD7 != nil {
			t.Errorf("%s has a GAD-7", c.Client)
		}
	}
	want := []string{"client-late 12 to 4 of 2", "client-second 3 to 3 of 1", "client-early 15 to 9 of 2"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
