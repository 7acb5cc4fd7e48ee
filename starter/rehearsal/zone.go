package rehearsal

import "time"

// zonesByHour are time zones without a clock change, one for each whole hour from UTC-11 to UTC+12.
var zonesByHour = []string{
	"Pacific/Midway", "Pacific/Honolulu", "Pacific/Gambier", "Pacific/Pitcairn", "America/Phoenix", "America/Costa_Rica", "America/Bogota",
	"America/La_Paz", "America/Argentina/Buenos_Aires", "America/Noronha", "Atlantic/Cape_Verde", "Africa/Abidjan", "Africa/Lagos",
	"Africa/Johannesburg", "Africa/Nairobi", "Asia/Dubai", "Asia/Karachi", "Asia/Dhaka", "Asia/Bangkok", "Asia/Singapore", "Asia/Tokyo",
	"Pacific/Port_Moresby", "Pacific/Guadalcanal", "Pacific/Tarawa",
}

// ZoneWithHour names a time zone without clock changes in which it is the given hour now. Messages are sent in the daytime only.
func ZoneWithHour(now time.Time, hour int) string {
	return zonesByHour[(hour-now.UTC().Hour()+24+11)%24]
}
