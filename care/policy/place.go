package policy

import (
	"slices"
	"strings"

	"kapflow/care/wording"
)

// homeCodes and telehealthCodes are the place-of-service codes that are never outpatient: where a client lives or stays, and
// visits by video.
var (
	homeCodes       = []string{"4", "12", "13", "14", "16", "33"}
	telehealthCodes = []string{"2", "10"}
)

// Words in a place's id or name that say the same when no code does.
var (
	homeWords       = []string{"home", "residence"}
	telehealthWords = []string{"telehealth", "telemedicine", "online", "video"}
)

// TakesInfusions says whether infusions may happen at a place: it is outpatient, and neither the client's home nor telehealth,
// whatever the practice file calls it (R11).
func (pl Place) TakesInfusions() bool { return pl.Outpatient && pl.neverOutpatient() == "" }

// neverOutpatient says why a place cannot be outpatient; empty when it can.
func (pl Place) neverOutpatient() string {
	code := strings.TrimLeft(strings.TrimSpace(pl.ServiceCode), "0")
	words := strings.FieldsFunc(wording.Lower(pl.ID+" "+pl.Name), func(r rune) bool { return r < 'a' || r > 'z' })
	named := func(list []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
	}
	switch {
	case pl.Telehealth || slices.Contains(telehealthCodes, code) || named(telehealthWords):
		return "this is telehealth"
	case slices.Contains(homeCodes, code) || named(homeWords):
		return "this is where clients live"
	}
	return ""
}
