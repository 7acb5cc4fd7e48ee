package e2e_test

import (
	"fmt"
	"time"
)

// zoneWithHour names a time zone in which it is the given hour now, so that a test does not depend on the time of
// day it runs at.
func zoneWithHour(now time.Time, hour int) string {
	ahead := (hour - now.UTC().Hour() + 24 + 12) % 24
	if ahead -= 12; ahead == 0 {
		return "Etc/GMT"
	}
	return fmt.Sprintf("Etc/GMT%+d", -ahead) // these zones are named the other way round
}
