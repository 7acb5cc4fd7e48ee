package practice

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/values"
	"kapflow/care/wording"
)

// check adds the faults of the settings as a whole: those that Policy.Validate finds, and those that need something
// package care may not use, such as the zone database. It returns the practice's zone.
func (r *reader) check(p policy.Policy, now time.Time) clock.Zone {
	found := p.Validate()
	add := func(path, format string, args ...any) {
		found = append(found, policy.Fault{Path: path, Reason: fmt.Sprintf(format, args...)})
	}
	zone, err := LoadZone(p.Practice.Timezone, now)
	if err != nil && p.Practice.Timezone != "" {
		add("practice.timezone", "%v", err)
	}
	if _, err := values.Email(p.Practice.Coordinator); err != nil || p.Practice.Coordinator == "" {
		add("practice.coordinator_email", "must be an email address. The morning list is sent there")
	}
	checkNames(p, add)
	checkLink(p.Messages.LinkBase, add)
	checkConfirmed(p, add)
	for _, f := range found {
		if !r.isBroken(f.Path) && !r.brokenInside(f.Path) {
			r.faults = append(r.faults, Fault{File: r.file, Line: r.line(f.Path), Path: f.Path, Reason: f.Reason})
		}
	}
	return zone
}

// brokenInside reports whether something inside a setting could not be read, so that a fault about the whole may be
// wrong.
func (r *reader) brokenInside(path string) bool {
	for b := range r.broken {
		if strings.HasPrefix(b, path+".") || strings.HasPrefix(b, path+"[") {
			return true
		}
	}
	return false
}

// LoadZone reads an IANA time zone as data, from a year before now to six years after.
func LoadZone(name string, now time.Time) (clock.Zone, error) {
	bad := fmt.Errorf("%q is not a time zone. Use an IANA name such as America/Denver", name)
	if name == "" {
		return clock.Zone{}, bad // Go reads it as UTC
	}
	if _, err := values.ZoneName(name); err != nil {
		return clock.Zone{}, fmt.Errorf("%q %w", name, err)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return clock.Zone{}, bad
	}
	return clock.ZoneOf(loc, now), nil
}

// checkNames checks the practice's own words that messages carry.
func checkNames(p policy.Policy, add func(path, format string, args ...any)) {
	if bad := unprintable(p.Practice.DisplayName); bad != nil {
		add("practice.message_display_name", "%v", bad)
	}
	if !strings.ContainsAny(p.Practice.Phone, "0123456789") && p.Practice.Phone != "" {
		add("practice.phone", "has no digit. It must be the number that clients call")
	} else if bad := unprintable(p.Practice.Phone); bad != nil {
		add("practice.phone", "%v", bad)
	}
	seen := map[string]bool{}
	for i, pl := range p.Places {
		at := fmt.Sprintf("places[%d].", i)
		if word := wording.BannedWord(pl.Neutral); word != "" {
			add(at+"neutral_name", "contains %q, which reveals the treatment in every message. Choose a neutral name", word)
		} else if bad := unprintable(pl.Neutral); bad != nil {
			add(at+"neutral_name", "%v", bad)
		}
		if seen[pl.ID] && pl.ID != "" {
			add(at+"id", "%q is used twice. Every place needs its own id", pl.ID)
		}
		seen[pl.ID] = true
	}
}

// unprintable returns an error for what one text message cannot carry: line breaks, and characters outside GSM-7.
func unprintable(text string) error {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
		return errors.New("must be one line")
	}
	if _, bad := wording.Septets(text); bad != 0 {
		return fmt.Errorf("contains %q, which a text message cannot carry", bad)
	}
	return nil
}

// checkLink adds a fault unless a link is an https address on the practice's own domain and has no banned word in it.
func checkLink(base string, add func(path, format string, args ...any)) {
	const path = "messages.link_base"
	u, err := url.Parse(base)
	switch {
	case base == "":
		add(path, "is missing. Every message has a link, such as https://c.example")
	case err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(base, "?# \t"):
		add(path, "must be an https address without ? and #, such as https://c.example")
	case wording.BannedWord(base) != "":
		add(path, "contains %q, which reveals the treatment in every message. Choose a neutral address", wording.BannedWord(base))
	case slices.Contains(shorteners, strings.ToLower(strings.TrimPrefix(u.Hostname(), "www."))):
		add(path, "is a public link shortener, and carriers block messages with such links. Use the practice's own domain")
	default:
		if bad := unprintable(base); bad != nil {
			add(path, "%v", bad)
		}
	}
}

var shorteners = []string{"bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly", "t.ly"}

// checkConfirmed adds a fault unless the clinical settings are unconfirmed, or are confirmed by one of the practice's
// physicians on a valid day.
func checkConfirmed(p policy.Policy, add func(path, format string, args ...any)) {
	c := p.Confirmation
	if c.By == "" && c.On == "" {
		return
	}
	if cl, ok := p.Clinician(c.By); !ok || cl.Role != person.Physician {
		add("confirmed.by", "%q is not the id of a physician in clinicians. A physician must confirm the clinical settings", c.By)
	}
	if _, err := time.Parse(time.DateOnly, c.On); err != nil {
		add("confirmed.on", "%q is not a day. Write it as 2027-01-31", c.On)
	}
}
