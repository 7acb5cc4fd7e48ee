package practice

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2/us"
)

// holidayYears is how many years of holidays are read. It is longer than any course under one set of settings.
const holidayYears = 4

// holidays gives the days on which federal holidays are observed, in order, for this year and the following ones. They
// are stored in the policy because package care may not read a calendar (ADR 0020).
func holidays(now time.Time) []string {
	var days []string
	for year := now.Year(); year < now.Year()+holidayYears; year++ {
		for _, h := range us.Holidays {
			if _, observed := h.Calc(year); !observed.IsZero() {
				days = append(days, observed.Format(time.DateOnly))
			}
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}
