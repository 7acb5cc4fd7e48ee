package care_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care/person"
	"kapflow/care/policy"
)

// infusionDay is the day of March 2027 on which a first infusion is tried.
const infusionDay = 20

// TestFirstInfusionStartsExactlyWhenNothingIsMissing takes single things away from a course that is ready, and
// holds the gates against an account of the rules that shares no code with them, in both directions.
func TestFirstInfusionStartsExactlyWhenNothingIsMissing(t *testing.T) {
	t.Parallel()
	started := 0
	try := func(t *rapid.T) {
		s := &spoiled{course: accepted(t, changed(func(p *policy.Policy) {
			p.Preparation.MinimumSessions = rapid.SampledFrom([]int{3, 4, 4, 5}).Draw(t, "minimum")
		})), dice: dice{T: t}}
		s.prepare()
		s.lastDays()
		start := with{"appointment": "infusion-1"}
		if s.chance(3) {
			start["at"] = stamp(s.course.now.Add(-time.Duration(s.n(1, 70)) * time.Minute))
		}
		was := s.course.chart.Clone()
		taken, err := s.course.chart.Record("infusion-started", report(person.Nurse, "", start), s.course.now)
		at := taken.Entry.At
		if err != nil {
			at = s.course.now
			if text, ok := start["at"].(string); ok {
				at, _ = time.Parse(time.RFC3339, text)
			}
		}
		wrong := wrongWithStart(was, s.course.chart, "infusion-1", at)
		if err == nil && len(wrong) > 0 {
			t.Fatalf("started although %v", wrong)
		}
		if err != nil && len(wrong) == 0 && !at.Before(was.Visit("infusion-1").Day.CheckedInAt) {
			t.Fatalf("nothing is missing, and yet: %v", err)
		}
		if err == nil {
			started++
		}
	}
	for range 10 { // cheap enough for more courses than -rapid.checks says
		rapid.Check(t, try)
	}
	if started == 0 {
		t.Error("no infusion started at all: the test says nothing")
	}
}

// spoiled is a course on the way to its first infusion, from which single things may be missing.
type spoiled struct {
	dice
	course *course
}

// mostly does a thing, unless it is left out this time.
func (s *spoiled) mostly(do func()) {
	if !s.chance(25) {
		do()
	}
}

func (s *spoiled) prepare() {
	k := s.course
	s.mostly(func() { k.session("evaluation", 2) })
	sessions := s.n(3, 5)
	if s.chance(2) {
		sessions = 5
	}
	for i := range sessions {
		id := k.session("preparation", 3+i)
		if s.chance(10) {
			k.do(person.Psychotherapist, "appointment-corrected", with{"appointment": id, "status": pick(s.dice, "noshow", "cancelled"), "reason": "ref:1"})
			if s.chance(2) {
				k.do(person.Coordinator, "appointment-corrected", with{"appointment": id, "status": "fulfilled", "reason": "ref:1"})
			}
		}
	}
	s.mostly(func() { k.consult(10, "cleared") })
	if s.chance(15) {
		k.consult(11, "deferred")
	}
	k.to(12, 9, 0)
	for _, service := range []string{"medical", "psychotherapy"} {
		s.mostly(func() { k.do(person.Client, "consent-signed", with{"service": service}) })
	}
	s.mostly(func() { k.do(person.Psychotherapist, "education-given", with{}) })
	s.mostly(func() { k.do(person.Physician, "dose-ordered", with{"dose_mg": 40, "inputs": fiveInputs}) })
	s.mostly(func() {
		k.do(person.Client, "package-chosen", with{"package": pick(s.dice, "none", "six", "ten")})
		s.mostly(func() { k.do(person.Coordinator, "estimate-issued", with{"number": "1"}) })
	})
	s.mostly(s.labs)
}

func (s *spoiled) labs() {
	k := s.course
	k.do(person.Physician, "labs-ordered", with{})
	k.do(person.Coordinator, "labs-resulted", with{"status": "final", "drawn_on": stamp(at(12, 8, 0))})
	review := with{"outcome": "cleared"}
	if s.chance(3) {
		review["valid_until"] = stamp(at(infusionDay+s.n(-1, 1), s.n(0, 23), 0))
	}
	s.mostly(func() { k.do(person.Physician, "labs-reviewed", review) })
	if s.chance(20) {
		k.do(person.Coordinator, "labs-resulted", with{"status": pick(s.dice, "amended", "preliminary")})
	}
}

// lastDays is what can still go wrong, up to the minute of the start at 10:20.
func (s *spoiled) lastDays() {
	k := s.course
	k.to(15, 9, 0)
	k.do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(infusionDay, 9, 30)), "tentative": true})
	for _, late := range []func(){
		func() { k.do(person.Physician, "hold-placed", with{"reason": "ref:1"}) },
		func() {
			k.do(person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": false})
		},
		func() {
			k.do(person.Psychotherapist, "screening-recorded", with{"criteria_met": true, "prefers_kap": true, "flags": []string{"pregnancy"}})
			if s.chance(2) {
				k.do(person.Physician, "flag-decided", with{"flag": "pregnancy", "decision": pick(s.dice, "proceed", "hold"), "reason": "ref:1"})
			}
		},
		func() { k.do(person.Client, "consent-signed", with{"service": "medical", "document_version": "v0"}) },
	} {
		if s.chance(25) {
			late()
		}
	}
	k.to(infusionDay, 9, pick(s.dice, 0, 30, 30, 30, 30))
	sheetOf := sheet("infusion-1")
	if s.chance(15) {
		sheetOf[pick(s.dice, "escort", "psychotherapist_present", "identity", "emergency_ready")] = false
	}
	k.do(person.Nurse, "infusion-checked-in", sheetOf)
	if s.chance(8) {
		k.do(person.Psychotherapist, "psychotherapist-left", with{"appointment": "infusion-1"})
		if s.chance(2) {
			k.do(person.Psychotherapist, "psychotherapist-returned", with{"appointment": "infusion-1"})
		}
	}
	k.to(infusionDay, 9, 40)
	for _, made := range []func(){ // up for at the last minute, which a start before it must not gain by
		func() { k.do(person.Psychotherapist, "education-given", with{}) },
		func() { k.do(person.Client, "consent-signed", with{"service": "medical"}) },
		func() { k.do(person.Physician, "labs-reviewed", with{"outcome": "cleared"}) },
		func() {
			k.do(person.Coordinator, "clinician-unavailable", with{"clinician": "kim", "from": stamp(at(infusionDay, 10, s.n(0, 40))), "to": stamp(at(infusionDay, 22, 0))})
		},
	} {
		l := k.chart.Labs
		if s.chance(10) && len(l) > 0 && l[len(l)-1].Result != "preliminary" {
			made()
		}
	}
	k.to(infusionDay, 10, 20)
}
