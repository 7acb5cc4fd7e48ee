package e2e_test

import "time"

// places are time zones without a clock change, one for each whole hour from UTC-11 to UTC+12.
var places = []string{
	"Pacific/Midway", "Pacific/Honolulu", "Pacific/Gambier", "Pacific/Pitcairn", "America/Phoenix", "America/Costa_Rica", "America/Bogota",
	"America/La_Paz", "America/Argentina/Buenos_Aires", "America/Noronha", "Atlantic/Cape_Verde", "Africa/Abidjan", "Africa/Lagos",
	"Africa/Johannesburg", "Africa/Nairobi", "Asia/Dubai", "Asia/Karachi", "Asia/Dhaka", "Asia/Bangkok", "Asia/Singapore", "Asia/Tokyo",
	"Pacific/Port_Moresby", "Pacific/Guadalcanal", "Pacific/Tarawa",
}

// zoneWithHour names a time zone in which it is the given hour now, so that a test does not depend on the time of
// day it runs at.
func zoneWithHour(now time.Time, hour int) string {
	return places[(hour-now.UTC().Hour()+24+11)%24]
}
