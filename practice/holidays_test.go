package practice

import (
	"slices"
	"testing"
	"time"
)

func TestHolidaysAreTheDaysOnWhichTheyAreObserved(t *testing.T) {
	t.Parallel()
	got := holidays(time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC))
	// 2027: 4 July is a Sunday and 25 December a Saturday, 19 June a Saturday; New Year 2028 is a Saturday.
	want := []string{"2027-01-01", "2027-01-18", "2027-02-15", "2027-05-31", "2027-06-18", "2027-07-05", "2027-09-06",
		"2027-10-11", "2027-11-11", "2027-11-25", "2027-12-24", "2027-12-31"}
	if !slices.Equal(got[:len(want)], want) {
		t.Errorf("2027: %v", got[:len(want)])
	}
	if last := got[len(got)-1]; last < "2030-12" {
		t.Errorf("they end %s", last)
	}
}
