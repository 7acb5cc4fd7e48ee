package care

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// ChartSchema numbers the shape of a stored chart. Fields are only ever added; every released chart is a
// fixture that must still load.
const ChartSchema = 1

// recentReceipts is how many report ids a chart remembers for recording once. A report that is not among them and no newer than
// one that was forgotten is refused (Misdirected); the facts log in Postgres, which the desk asks first, has every id.
const recentReceipts = 256

// Chart is all that has been decided about one client's course, with the policy it was agreed under. It
// is a value that survives JSON unchanged and is the whole state of the client's workflow. It holds no
// name, address or free text: those stay in Postgres under the client's id. Times are UTC.
type Chart struct {
	Schema   int    `json:"schema"`
	ClientID string `json:"client"`
	Version  int    `json:"version"` // grows with every change
	Facts    int    `json:"facts"`   // facts taken in

	// Epoch counts how often the journey was restarted from its saved chart. SavedVersion is the version that the store
	// had when it read the chart: results that came since may have raised Version.
	Epoch        int `json:"epoch,omitempty"`
	SavedVersion int `json:"-"`

	Policy     policy.Policy `json:"policy"`
	Zone       clock.Zone    `json:"zone"`        // the practice's
	ClientZone clock.Zone    `json:"client_zone"` // the client's: quiet hours and message times follow it

	EnrolledAt      time.Time         `json:"enrolled_at"`
	Presenting      []string          `json:"presenting"`
	Physician       string            `json:"physician"`
	Psychotherapist string            `json:"psychotherapist"`
	Channels        []person.Channel  `json:"channels,omitempty"` // that exist for this client
	Consents        []message.Consent `json:"consents,omitempty"` // to be written to, the newest per channel

	Screening  *Screening  `json:"screening,omitempty"`
	Flags      []Flag      `json:"flags,omitempty"`
	Goals      *Done       `json:"goals,omitempty"`
	Education  *Done       `json:"education,omitempty"`
	Signatures []Signature `json:"signatures,omitempty"`

	CoverageEntered *Done                `json:"coverage_entered,omitempty"`
	CoverageDraft   *Coverage            `json:"coverage_draft,omitempty"`
	Coverage        *Coverage            `json:"coverage,omitempty"`
	CoverageHistory []Coverage           `json:"coverage_history,omitempty"` // older snapshots, the earliest first
	Insurer         *InsurerContact      `json:"insurer,omitempty"`
	FeeTalk         *Done                `json:"fee_talk,omitempty"`
	EstimateAsked   *Done                `json:"estimate_asked,omitempty"` // the client asked for an estimate
	Estimate        *Estimate            `json:"estimate,omitempty"`
	Package         *money.PackageChoice `json:"package,omitempty"`
	Claims          []InsuranceClaim     `json:"claims,omitempty"`
	Account         Account              `json:"account"`

	Visits      []Visit        `json:"visits,omitempty"`
	Labs        []LabOrder     `json:"labs,omitempty"`
	Dose        *DoseOrder     `json:"dose,omitempty"`
	Plan        *Plan          `json:"plan,omitempty"`
	Answers     []CheckInReply `json:"answers,omitempty"`
	Waivers     []Waiver       `json:"waivers,omitempty"` // integration sessions waived
	Holds       []Hold         `json:"holds,omitempty"`
	Alerts      []Alert        `json:"alerts,omitempty"`
	Assessed    *Done          `json:"assessed,omitempty"` // the last risk assessment by a clinician
	Absences    []Absence      `json:"absences,omitempty"`
	Assignments []Assignment   `json:"assignments,omitempty"` // of other clinicians than those at enrolment
	Overrides   []Override     `json:"overrides,omitempty"`
	Pause       *Pause         `json:"pause,omitempty"`
	Closing     *Closing       `json:"closing,omitempty"`

	Course  int                          `json:"course,omitempty"`  // courses before this one
	Begun   *Done                        `json:"begun,omitempty"`   // of a course that is not the first
	Carried map[money.FeeSet]money.Cents `json:"carried,omitempty"` // charged by the courses before this one

	ReopenedAt time.Time `json:"reopened_at,omitzero"` // when the record of a closed course was last opened again for a late fact

	AwakeUntil time.Time `json:"awake_until,omitzero"` // the journey of a closed record was started again and runs at least so long

	Handled      map[message.Key]message.Result `json:"handled,omitempty"`
	Batches      int                            `json:"batches,omitempty"`   // number of the last batch that was due
	InFlight     []int                          `json:"in_flight,omitempty"` // numbers of the batches whose results are not known yet
	FollowUps    []message.FollowUp             `json:"follow_ups,omitempty"`
	Waits        []message.Wait                 `json:"waits,omitempty"`
	Lost         []message.ChannelKey           `json:"lost,omitempty"` // what did not arrive, as far as anybody knows
	BadAddresses []message.BadAddress           `json:"bad_addresses,omitempty"`
	EarlyReports []message.Early                `json:"early_reports,omitempty"`
	Texted       message.Key                    `json:"texted,omitzero"` // of the newest text to the client's number

	StaffAnswers []StaffAnswer `json:"staff_answers,omitempty"` // to what the client wrote

	Issues   []Issue   `json:"troubles,omitempty"`
	Receipts []Receipt `json:"receipts,omitempty"`

	ForgottenAt time.Time `json:"forgotten_at,omitzero"` // when the newest report was made of those whose receipt is gone

	Published Published `json:"shown"`

	posted []money.Posting // of the fact being applied; the ledger itself lives in Postgres
}

// Done says that something was done: when and by whom.
type Done struct {
	At  time.Time    `json:"at"`
	By  person.Actor `json:"by"`
	Ref string       `json:"ref,omitempty"` // written by earlier builds only
}

// Receipt remembers a report that was taken in, so that the same report again changes nothing.
type Receipt struct {
	ID  string    `json:"id"`
	Seq int       `json:"seq"`
	At  time.Time `json:"at,omitzero"` // when it was made; none in receipts by earlier builds
}

// Entry is one line of the facts log: a fact as it was taken in. Private texts are references.
type Entry struct {
	Seq  int             `json:"seq"`
	ID   string          `json:"id"`
	Fact string          `json:"fact"`
	By   person.Actor    `json:"by"`
	At   time.Time       `json:"at"`       // when it happened
	Now  time.Time       `json:"recorded"` // when it was recorded
	With json.RawMessage `json:"with,omitempty"`

	Effect Effect `json:"effect,omitzero"` // what it changed; none in entries that older versions wrote
}

// Taken is what recording a fact gave.
type Taken struct {
	Entry       Entry
	Postings    []money.Posting // what it means for the two ledgers
	Appointment string          // the id of the visit that it booked
	Repeated    bool            // the same report was taken in before: nothing changed now
	Seq         int             // the fact's number in this chart
}

// Enrollment is everything needed to open a chart. Its zones are loaded by the caller.
type Enrollment struct {
	ClientID   string
	Report     Report // of the fact enrolled
	Policy     policy.Policy
	Zone       clock.Zone
	ClientZone clock.Zone
	At         time.Time // UTC
}

// Enroll opens a client's chart from the fact enrolled, or refuses (presenting-missing,
// unknown-clinician, invalid, not-your-role).
func Enroll(e Enrollment) (*Chart, Taken, error) {
	kind := OpeningKind()
	if by := e.Report.By.Role; !kind.Allows(by) {
		return nil, Taken{}, kind.NotYourRole(by)
	}
	fact, id, err := kind.DecodeReport(e.Report.With, e.Zone, e.At)
	if err != nil {
		return nil, Taken{}, err
	}
	c := &Chart{Schema: ChartSchema, ClientID: e.ClientID, Policy: e.Policy.Agreed(), Zone: e.Zone, ClientZone: e.ClientZone,
		Handled: map[message.Key]message.Result{}}
	m := Meta{ID: e.Report.ID, By: e.Report.By, At: e.At.UTC(), Now: e.At.UTC()}
	if m.ID == "" {
		m.ID = id
	}
	v := &inspection{fact: kind.Name}
	fact.check(c, m, v)
	if err := v.refusal(); err != nil {
		return nil, Taken{}, err
	}
	effect := c.applying(kind, fact, e.Report, m)
	return c, c.finish(kind, e.Report, m, effect), nil
}

// Check says whether a report would be taken in now. It changes nothing: it is what an update's
// validator calls. A report that was already recorded passes.
func (c *Chart) Check(name string, r Report, now time.Time) error {
	_, _, _, err := c.examine(name, r, now)
	return err
}

// Record takes a report in, or refuses it and leaves the chart as it was. The error is a *Refusal.
func (c *Chart) Record(name string, r Report, now time.Time) (Taken, error) {
	kind, fact, m, err := c.examine(name, r, now)
	if err != nil {
		return Taken{}, err
	}
	if i := slices.IndexFunc(c.Receipts, func(rc Receipt) bool { return rc.ID == m.ID }); m.ID != "" && i >= 0 {
		return Taken{Repeated: true, Seq: c.Receipts[i].Seq}, nil
	}
	before := c.confirmedGates(m.Now)
	effect := c.applying(kind, fact, r, m)
	c.settlePackage(m)
	c.noteShutGates(before, m)
	return c.finish(kind, r, m, effect), nil
}

// finish closes the recording of a fact: it numbers the fact, remembers its report, and takes what it posted.
func (c *Chart) finish(kind Kind, r Report, m Meta, effect Effect) Taken {
	postings := c.posted
	c.posted = nil
	c.Facts++
	c.Version++
	if m.ID != "" {
		c.remember(Receipt{ID: m.ID, Seq: c.Facts, At: r.To.SentAt})
	}
	c.forgetHandled()
	c.pruneFollowUps()
	taken := Taken{Seq: c.Facts, Postings: postings,
		Entry: Entry{Seq: c.Facts, ID: m.ID, Fact: kind.Name, By: m.By, At: m.At, Now: m.Now, With: r.With, Effect: effect}}
	if kind.Books {
		taken.Appointment = effect.About
	}
	return taken
}

func (c *Chart) examine(name string, r Report, now time.Time) (Kind, Fact, Meta, error) {
	now = now.UTC()
	kind, ok := KindNamed(name)
	if !ok {
		return kind, nil, Meta{}, UnknownFact(name)
	}
	m := Meta{ID: r.ID, By: r.By, At: now, Now: now, Clash: r.Clash, Away: r.Away, NotFree: r.NotFree}
	if !kind.Allows(r.By.Role) {
		return kind, nil, m, kind.NotYourRole(r.By.Role)
	}
	fact, id, err := kind.DecodeReport(r.With, c.Zone, now)
	if err != nil {
		return kind, nil, m, err
	}
	if m.ID == "" {
		m.ID = id
	}
	if m.ID != "" && slices.ContainsFunc(c.Receipts, func(rc Receipt) bool { return rc.ID == m.ID }) {
		return kind, fact, m, nil
	}
	v, m := c.inspect(kind, fact, m)
	if since := c.FactsSince(r.Seen); kind.AsksAgain && since > 0 {
		v.state(CodeMovedOn, r.By.Role, "facts were recorded since this was opened: %d. Look at what changed, and record it again if it is still right", since)
	}
	return kind, fact, m, v.refusal()
}

// inspect looks at a fact with every rule but those about who reports and what the values of fields may be. It gives what it
// found, and m with the time at which the fact happened.
func (c *Chart) inspect(kind Kind, fact Fact, m Meta) (*inspection, Meta) {
	v := &inspection{fact: kind.Name}
	if h, ok := fact.(interface{ happenedAt() *time.Time }); ok && h.happenedAt() != nil {
		m.At = h.happenedAt().UTC()
		if m.At.After(m.Now.Add(time.Minute)) {
			v.limit(CodeInFuture, "at", "at: %s has not come yet; a fact is recorded once it has happened", c.Zone.SayLong(m.At))
		}
	}
	c.checkOpen(kind, fact, v)
	fact.check(c, m, v)
	return v, m
}

// checkOpen refuses a fact that comes after the course, unless it is one of money, safety or corrections.
func (c *Chart) checkOpen(kind Kind, fact Fact, v *inspection) {
	if c.Closed() && !kind.AfterClose && !endangered(fact) {
		v.state(CodeCourseClosed, person.Coordinator, "the course is %s since %s, so nothing more is recorded but money, safety and corrections", c.Stage(), c.Zone.DayLong(c.closedAt()))
	}
}

// problems gives everything that is wrong with a fact, at every level.
func (c *Chart) problems(kind Kind, fact Fact, m Meta) []Problem {
	v, _ := c.inspect(kind, fact, m)
	return v.problems
}

// FactsSince counts the facts that were recorded after the one with a number; 0 if the number is not known (0).
func (c *Chart) FactsSince(seen int) int {
	if seen <= 0 {
		return 0
	}
	return max(0, c.Facts-seen)
}

// NotYourRole is the refusal of a role that may not record a kind of fact.
func (k Kind) NotYourRole(r person.Role) *Refusal {
	return Refuse(k.Name, CodeNotYourRole, fmt.Sprintf("%s may not record this; it is recorded by the %s", r.One(), person.JoinRoles(k.By)), k.By[0])
}
