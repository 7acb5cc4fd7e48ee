package values

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// areas are the first parts of zone names that follow a place and its clock changes.
var areas = []string{"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil", "Canada", "Chile", "Europe", "Indian", "Mexico", "Pacific", "US"}

// placeFor names a place for abbreviations that people write instead.
var placeFor = map[string]string{
	"EST": "America/New_York", "EDT": "America/New_York", "ET": "America/New_York", "EST5EDT": "America/New_York",
	"CST": "America/Chicago", "CDT": "America/Chicago", "CT": "America/Chicago", "CST6CDT": "America/Chicago",
	"MST": "America/Denver, or America/Phoenix in Arizona", "MDT": "America/Denver", "MT": "America/Denver", "MST7MDT": "America/Denver",
	"PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "PT": "America/Los_Angeles", "PST8PDT": "America/Los_Angeles",
	"AKST": "America/Anchorage", "AKDT": "America/Anchorage", "HST": "Pacific/Honolulu",
}

// ZoneName checks the name of a time zone: an area and a place. A name of a fixed offset, such as EST, MST or Etc/GMT+7, is
// refused although zone databases have it: it has no summer time, so every time in summer would be an hour off. Whether the
// place exists is asked of the zone database by the caller.
func ZoneName(text string) (string, error) {
	text, err := Line(text, MostLine)
	if err != nil || text == "" {
		return text, err
	}
	if place := placeFor[strings.ToUpper(text)]; place != "" {
		return "", fmt.Errorf("is an abbreviation without summer time; write the place, such as %s", place)
	}
	area, place, both := strings.Cut(text, "/")
	if !both || place == "" || !slices.Contains(areas, area) || strings.Contains(text, "..") {
		return "", errors.New("is not a time zone of a place; write one such as America/Denver")
	}
	return text, nil
}
