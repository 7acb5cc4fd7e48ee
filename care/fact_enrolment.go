package care

import (
	"slices"
	"strings"
	"time"

	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// Screening is the recorded evaluation of the acceptance criteria (R3, R4).
type Screening struct {
	CriteriaMet bool         `json:"criteria_met"`
	PrefersKAP  bool         `json:"prefers_kap"`
	At          time.Time    `json:"at"`
	By          person.Actor `json:"by"`
}

// Flag is something the physician must decide about; none decides by itself.
type Flag struct {
	Flag     string       `json:"flag"`
	RaisedAt time.Time    `json:"raised_at"`
	Decision FlagDecision `json:"decision,omitempty"`
	At       time.Time    `json:"at,omitzero"`
}

// Signature is a signed consent for one of the two services.
type Signature struct {
	Service string    `json:"service"` // medical, psychotherapy
	Version string    `json:"version"`
	At      time.Time `json:"at"`
}

// SubstanceFlag is raised at enrolment for clients with substance dependence: an indication here, and
// something the physician decides about (docs/requirements.md#readings).
const SubstanceFlag = "substance-dependence"

var presentingProblems = []string{"depression", "anxiety", SubstanceFlag}

// Enrolled starts a journey (R1, R2).
type Enrolled struct {
	Happened
	Presenting      []string         `json:"presenting"`
	Physician       string           `json:"physician"`
	Psychotherapist string           `json:"psychotherapist"`
	Timezone        string           `json:"timezone"`
	Channels        []person.Channel `json:"channels"`
	PreferredName   Private          `json:"preferred_name"`
	Pronouns        Private          `json:"pronouns"`
	Phone           Private          `json:"phone"`
	Email           Private          `json:"email"`
	BirthDate       Private          `json:"birth_date"`
}

func (f *Enrolled) check(c *Chart, _ Meta, v *inspection) {
	if c.Facts > 0 {
		v.state(CodeAlreadyEnrolled, "", "this client is enrolled already, since %s", c.Zone.DayLong(c.EnrolledAt))
		return
	}
	if len(f.Presenting) == 0 {
		v.limit("presenting-missing", "presenting", "no presenting problem is given; at least one of %s is needed", wording.JoinWords(presentingProblems, "or"))
	}
	for _, p := range f.Presenting {
		oneOf(v, "presenting", p, presentingProblems...)
	}
	for _, ch := range f.Channels {
		oneOf(v, "channels", ch, person.SMS, person.Email, person.Phone)
	}
	for _, who := range []struct {
		id   string
		role person.Role
	}{{f.Physician, person.Physician}, {f.Psychotherapist, person.Psychotherapist}} {
		if who.id == "" {
			continue
		}
		if cl, ok := c.Policy.Clinician(who.id); !ok || cl.Role != who.role {
			v.limit("unknown-clinician", string(who.role), "the practice file has no %s with the id %q", who.role, who.id)
		}
	}
}

func (f *Enrolled) apply(c *Chart, m Meta) {
	c.EnrolledAt = m.At
	c.Presenting = f.Presenting
	c.Physician, c.Psychotherapist = f.Physician, f.Psychotherapist
	if c.Physician == "" {
		c.Physician = c.Policy.FirstClinician(person.Physician)
	}
	if c.Psychotherapist == "" {
		c.Psychotherapist = c.Policy.FirstClinician(person.Psychotherapist)
	}
	c.Channels = f.Channels
	if f.Phone != "" {
		c.addChannel(person.SMS)
	}
	if f.Email != "" {
		c.addChannel(person.Email)
	}
	c.flagSubstance(m)
}

// flagSubstance raises the flag that the physician decides about before a client with substance dependence goes on.
func (c *Chart) flagSubstance(m Meta) {
	if slices.Contains(c.Presenting, SubstanceFlag) {
		c.Flags = append(c.Flags, Flag{Flag: SubstanceFlag, RaisedAt: m.At})
	}
}

func (c *Chart) addChannel(ch person.Channel) {
	if !slices.Contains(c.Channels, ch) {
		c.Channels = append(c.Channels, ch)
	}
}

// ContactChanged changes how the client is reached. The values go to Postgres; the chart keeps which
// channels exist and the zone, which the desk adds as data.
type ContactChanged struct {
	Happened
	Phone         *Private    `json:"phone,omitempty"`
	Email         *Private    `json:"email,omitempty"`
	PreferredName *Private    `json:"preferred_name,omitempty"`
	Pronouns      *Private    `json:"pronouns,omitempty"`
	BirthDate     *Private    `json:"birth_date,omitempty"` // 1990-01-31
	PIN           *Private    `json:"pin,omitempty"`        // digits agreed in person: the second factor of links
	Timezone      string      `json:"timezone,omitempty"`
	ZoneData      *clock.Zone `json:"zone_data,omitempty"` // filled in by the desk from timezone
}

func (f *ContactChanged) check(_ *Chart, _ Meta, v *inspection) {
	if f.Phone == nil && f.Email == nil && f.PreferredName == nil && f.Pronouns == nil && f.BirthDate == nil && f.PIN == nil && f.Timezone == "" {
		v.invalid("contact", "one of phone, email, preferred name, pronouns, birth date, PIN or time zone is needed")
	}
	if f.ZoneData != nil && !f.ZoneData.Valid() {
		v.invalid("zone_data", "is not a time zone's data; the desk fills it in from timezone")
	}
}

func (f *ContactChanged) apply(c *Chart, _ Meta) {
	for _, x := range []struct {
		value *Private
		ch    person.Channel
	}{{f.Phone, person.SMS}, {f.Email, person.Email}} {
		if x.value == nil {
			continue
		}
		c.Channels = slices.DeleteFunc(c.Channels, func(ch person.Channel) bool { return ch == x.ch })
		c.BadAddresses = slices.DeleteFunc(c.BadAddresses, func(b message.BadAddress) bool { return b.Channel == x.ch })
		c.endIssue("address-bad", string(x.ch))
		if x.ch == person.SMS {
			c.Texted = message.Key{}
		}
		if *x.value != "" {
			c.addChannel(x.ch)
		}
	}
	if f.ZoneData != nil {
		c.ClientZone = *f.ZoneData
	}
}

// MessagingConsent records the client's word on one channel. Without it nothing is sent there.
type MessagingConsent struct {
	Happened
	Channel person.Channel `json:"channel"`
	Granted *bool          `json:"granted"`
	Wording string         `json:"wording"`
	Detail  string         `json:"detail"`
}

func (f *MessagingConsent) check(_ *Chart, _ Meta, v *inspection) {
	oneOf(v, "channel", f.Channel, person.SMS, person.Email, person.Phone)
	if f.Detail != "" {
		oneOf(v, "detail", f.Detail, message.DetailMinimal, message.DetailTime)
	}
}

func (f *MessagingConsent) apply(c *Chart, m Meta) {
	detail := f.Detail
	if detail == "" {
		detail = message.DetailMinimal
	}
	c.Consents = slices.DeleteFunc(c.Consents, func(x message.Consent) bool { return x.Channel == f.Channel })
	c.Consents = append(c.Consents, message.Consent{Channel: f.Channel, Granted: f.Granted == nil || *f.Granted, Detail: detail, Wording: f.Wording, At: m.At})
}

func (f *MessagingConsent) told() string {
	if f.Granted != nil && !*f.Granted {
		return "not agreed"
	}
	return "agreed"
}

// Consent gives the client's standing word on a channel; no word is no.
func (c *Chart) Consent(ch person.Channel) message.Consent {
	for _, x := range c.Consents {
		if x.Channel == ch {
			return x
		}
	}
	return message.Consent{Channel: ch}
}

// ScreeningRecorded holds R3 and R4. A later screening replaces an earlier one.
type ScreeningRecorded struct {
	Happened
	CriteriaMet *bool    `json:"criteria_met"`
	PrefersKAP  *bool    `json:"prefers_kap"`
	Flags       []string `json:"flags"`
	Note        Private  `json:"note"`
}

func (f *ScreeningRecorded) check(c *Chart, _ Meta, v *inspection) {
	v.required("criteria_met", f.CriteriaMet != nil)
	v.required("prefers_kap", f.PrefersKAP != nil)
	for _, flag := range f.Flags {
		v.required("flags", strings.TrimSpace(flag) != "")
	}
	checkDeclinedOnly(c, v)
}

// checkDeclinedOnly lets a decision that can decline a client be taken again after it did, and refuses it
// when the course was closed in any other way.
func checkDeclinedOnly(c *Chart, v *inspection) {
	if c.Closing != nil {
		v.state(CodeCourseClosed, person.Coordinator, "the course is %s since %s", c.Stage(), c.Zone.DayLong(c.closedAt()))
	}
}

func (f *ScreeningRecorded) apply(c *Chart, m Meta) {
	c.Screening = &Screening{CriteriaMet: *f.CriteriaMet, PrefersKAP: *f.PrefersKAP, At: m.At, By: m.By}
	for _, flag := range f.Flags {
		if strings.Contains(flag, "substance") {
			// The clinician's own wording stands for the flag raised at enrolment.
			c.Flags = slices.DeleteFunc(c.Flags, func(x Flag) bool { return x.Flag == SubstanceFlag && x.Decision == "" })
		}
		if c.flag(flag) == nil {
			c.Flags = append(c.Flags, Flag{Flag: flag, RaisedAt: m.At})
			if strings.Contains(wording.Lower(flag), "suicid") {
				// The flag shuts the infusion gate; that others hear of it at once is safety rule D7 and field case 36.
				c.raise(AlertRisk, "screening", m, theOthers(m.By.Role)...)
			}
		}
	}
	c.releaseIfDeclined(m)
}

func (f *ScreeningRecorded) told() string {
	met, wants := "criteria not met", "the client does not want this therapy"
	if IsYes(f.CriteriaMet) {
		met = "criteria met"
	}
	if IsYes(f.PrefersKAP) {
		wants = "the client wants this therapy"
	}
	return met + ", " + wants
}

func (c *Chart) flag(name string) *Flag {
	for i := range c.Flags {
		if c.Flags[i].Flag == name {
			return &c.Flags[i]
		}
	}
	return nil
}

// FlagDecided is the physician's decision about one flag.
type FlagDecided struct {
	Happened
	Flag     string       `json:"flag"`
	Decision FlagDecision `json:"decision"`
	Reason   Private      `json:"reason"`
}

func (f *FlagDecided) check(c *Chart, _ Meta, v *inspection) {
	checkDeclinedOnly(c, v)
	oneOf(v, "decision", f.Decision, FlagProceed, FlagHold, FlagDecline)
	v.required("reason", f.Reason != "")
	if c.flag(f.Flag) == nil {
		var names []string
		for _, x := range c.Flags {
			names = append(names, x.Flag)
		}
		if names == nil {
			names = []string{"none"}
		}
		v.invalid("flag", "%q was not raised; raised: %s", f.Flag, strings.Join(names, ", "))
	}
}

func (f *FlagDecided) apply(c *Chart, m Meta) {
	flag := c.flag(f.Flag)
	flag.Decision, flag.At = f.Decision, m.At
	c.releaseIfDeclined(m)
}

func (f *FlagDecided) told() string                { return string(f.Decision) }
func (f *FlagDecided) was(c *Chart, _ Meta) string { return string(c.flag(f.Flag).Decision) }

// GoalsRecorded holds R7 and R10; the texts are private.
type GoalsRecorded struct {
	Happened
	Intention Private `json:"intention"`
	Values    Private `json:"values"`
	Actions   Private `json:"actions"`
}

func (f *GoalsRecorded) check(_ *Chart, _ Meta, v *inspection) {
	v.required("intention", f.Intention != "" || f.Values != "" || f.Actions != "")
}
func (f *GoalsRecorded) apply(c *Chart, m Meta) { c.Goals = &Done{At: m.At, By: m.By} }

// EducationGiven holds R8.
type EducationGiven struct {
	Happened
	Material string `json:"material"`
}

func (f *EducationGiven) check(*Chart, Meta, *inspection) {}
func (f *EducationGiven) apply(c *Chart, m Meta) {
	c.Education = &Done{At: m.At, By: m.By}
}

func (f *EducationGiven) told() string { return f.Material }

// ConsentSigned is the written consent for one service.
type ConsentSigned struct {
	Happened
	Service string `json:"service"`
	Version string `json:"document_version"`
}

func (f *ConsentSigned) check(_ *Chart, _ Meta, v *inspection) {
	oneOf(v, "service", money.FeeSet(f.Service), money.Medical, money.Psychotherapies)
}

func (f *ConsentSigned) apply(c *Chart, m Meta) {
	version := f.Version
	if version == "" {
		version = c.Policy.Preparation.ConsentVersion
	}
	c.Signatures = slices.DeleteFunc(c.Signatures, func(s Signature) bool { return s.Service == f.Service })
	c.Signatures = append(c.Signatures, Signature{Service: f.Service, Version: version, At: m.At})
}

// signed gives when the current consent for a service was signed.
func (c *Chart) signed(service money.FeeSet) (at time.Time, ok bool) {
	current := c.Policy.Preparation.ConsentVersion // empty: the practice does not ask for a version
	for _, s := range c.Signatures {
		if s.Service == string(service) && (current == "" || s.Version == current) {
			return s.At, true
		}
	}
	return time.Time{}, false
}
