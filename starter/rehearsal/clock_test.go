package rehearsal

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestAClockStandsStillUntilItRuns: then it goes on with the real time from where it was, and from where it is set later.
func TestAClockStandsStillUntilItRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		noon := time.Date(2030, 6, 3, 12, 0, 0, 0, time.UTC)
		var c Clock
		c.Set(noon)
		time.Sleep(time.Hour)
		if got := c.Now(); !got.Equal(noon) {
			t.Errorf("it stood still, and is at %s", got)
		}
		c.Run()
		time.Sleep(time.Hour)
		if got := c.Now(); !got.Equal(noon.Add(time.Hour)) {
			t.Errorf("it ran for an hour, and is at %s", got)
		}
		c.Set(noon)
		time.Sleep(time.Minute)
		if got := c.Now(); !got.Equal(noon.Add(time.Minute)) {
			t.Errorf("it was set again and ran for a minute, and is at %s", got)
		}
	})
}
