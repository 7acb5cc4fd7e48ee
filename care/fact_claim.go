package care

import (
	"slices"
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// InsuranceClaim is an insurance claim for one psychotherapy session: what was expected when the session was charged stands
// beside what the insurer answered. Amounts are cents.
type InsuranceClaim struct {
	Appointment string       `json:"appointment"`
	Status      ClaimStatus  `json:"status"`
	Expected    SessionCost  `json:"expected"`
	Allowed     money.Cents  `json:"allowed,omitempty"`
	Paid        money.Cents  `json:"paid,omitempty"`
	PatientOwes money.Cents  `json:"patient_owes,omitempty"`
	Adjusted    []money.Line `json:"adjusted,omitempty"` // what the answer changed in the ledger, of the whole charge
	Posted      int          `json:"posted,omitempty"`   // adjustments posted
	At          time.Time    `json:"at"`                 // of the status
}

// claimFlow gives, for each status of a claim, those that may follow (docs/postings.md#claims). Steps may be left out, since
// not every insurer reports each of them. A claim goes back only for what really happens: a rejected one is sent in again, an
// answered one is appealed or answered differently, and an insurer that takes its money back, or pays late, opens a closed one
// again. The balance follows the newest answer.
var claimFlow = map[ClaimStatus][]ClaimStatus{
	"":               {ClaimDraft, ClaimSubmitted, ClaimRejected, ClaimAccepted, ClaimAdjudicated, ClaimPaid, ClaimDenied},
	ClaimDraft:       {ClaimDraft, ClaimSubmitted, ClaimRejected, ClaimAccepted, ClaimAdjudicated, ClaimPaid, ClaimDenied, ClaimClosed},
	ClaimSubmitted:   {ClaimSubmitted, ClaimRejected, ClaimAccepted, ClaimAdjudicated, ClaimPaid, ClaimDenied, ClaimClosed},
	ClaimRejected:    {ClaimRejected, ClaimDraft, ClaimSubmitted, ClaimAccepted, ClaimClosed},
	ClaimAccepted:    {ClaimAccepted, ClaimAdjudicated, ClaimPaid, ClaimDenied, ClaimClosed},
	ClaimAdjudicated: {ClaimAdjudicated, ClaimPaid, ClaimDenied, ClaimAppealed, ClaimClosed},
	ClaimPaid:        {ClaimPaid, ClaimAdjudicated, ClaimDenied, ClaimAppealed, ClaimClosed},
	ClaimDenied:      {ClaimDenied, ClaimSubmitted, ClaimAdjudicated, ClaimPaid, ClaimAppealed, ClaimClosed},
	ClaimAppealed:    {ClaimAppealed, ClaimAdjudicated, ClaimPaid, ClaimDenied, ClaimClosed},
	ClaimClosed:      {ClaimClosed, ClaimSubmitted, ClaimAccepted, ClaimAdjudicated, ClaimPaid, ClaimDenied, ClaimAppealed},
}

var claimStatuses = []ClaimStatus{ClaimDraft, ClaimSubmitted, ClaimRejected, ClaimAccepted, ClaimAdjudicated, ClaimPaid, ClaimDenied, ClaimAppealed, ClaimClosed}

// waits says whether the claim still has to be sent in, or the insurer still has to answer it.
func (cl *InsuranceClaim) waits() bool {
	return slices.Contains([]ClaimStatus{ClaimDraft, ClaimSubmitted, ClaimRejected, ClaimAccepted, ClaimAppealed}, cl.Status)
}

// settled says whether the insurer has said what it allows.
func (cl *InsuranceClaim) settled() bool { return cl.Allowed > 0 || cl.Status == ClaimDenied }

// claim gives the claim for a session, or nil.
func (c *Chart) claim(visit string) *InsuranceClaim {
	for i := range c.Claims {
		if c.Claims[i].Appointment == visit {
			return &c.Claims[i]
		}
	}
	return nil
}

// ClaimRecorded records the outcome of an insurance claim. Only psychotherapy is ever claimed.
type ClaimRecorded struct {
	Happened
	Appointment string      `json:"appointment"`
	Status      ClaimStatus `json:"status"`
	Allowed     money.Cents `json:"allowed"`
	Paid        money.Cents `json:"paid"`
	PatientOwes money.Cents `json:"patient_owes"`
	Reference   Private     `json:"reference"`
}

func (f *ClaimRecorded) check(c *Chart, _ Meta, v *inspection) {
	oneOf(v, "status", f.Status, claimStatuses...)
	for _, x := range []struct {
		field string
		value money.Cents
	}{{"allowed", f.Allowed}, {"paid", f.Paid}, {"patient_owes", f.PatientOwes}} {
		v.cents(x.field, x.value)
	}
	if f.Allowed > 0 && f.Status != ClaimDenied && f.PatientOwes+f.Paid > f.Allowed {
		v.invalid("allowed", "is less than paid and patient_owes together; what is above the allowed amount is contractual (CO) and never billed to the client")
	}
	visit := v.needVisit(c, f.Appointment)
	if visit == nil {
		return
	}
	if visit.Kind.FeeSet() == money.Medical {
		// R38
		v.limit("never-insured", "appointment", "%s is never billed to insurance", visit.Name())
		return
	}
	ch := c.standing(visit.ID)
	if ch == nil {
		v.stateOf(fieldAppointment, CodeWrongState, person.Psychotherapist, "%s was not held, so there is nothing to claim", visit.Name())
		return
	}
	f.checkAnswer(c, ch, v)
}

// checkAnswer: the status fits what was recorded before, and the figures fit the session's price.
func (f *ClaimRecorded) checkAnswer(c *Chart, ch *Charge, v *inspection) {
	was := c.ClaimStatus(f.Appointment)
	if !slices.Contains(claimFlow[was], f.Status) {
		v.stateOf("status", CodeWrongState, person.Coordinator, "the claim for %s is %s; it can become %s", wording.LowerFirst(wording.Title(f.Appointment)), was, wording.JoinWords(claimFlow[was], "or"))
	}
	if list := ch.list(); f.Allowed > list || f.PatientOwes > list {
		v.limit(CodeInvalid, "allowed", "allowed: the session's price is %s; an insurer never allows more", list)
	}
	if f.PatientOwes > 0 && f.Allowed == 0 && f.Status != ClaimDenied {
		v.limit(CodeInvalid, "allowed", "allowed: is needed beside patient_owes, for the rest is contractual (CO) and never billed to the client")
	}
}

// list is the price that a session was charged at.
func (ch *Charge) list() money.Cents {
	if ch.Expected != nil {
		return ch.Expected.List
	}
	return ch.Owed
}

func (f *ClaimRecorded) apply(c *Chart, m Meta) {
	cl, ch := c.claim(f.Appointment), c.standing(f.Appointment)
	if cl == nil {
		c.Claims = append(c.Claims, InsuranceClaim{Appointment: f.Appointment})
		cl = &c.Claims[len(c.Claims)-1]
	}
	was := cl.Status
	cl.Status, cl.At = f.Status, m.At
	if ch.Expected != nil {
		cl.Expected = *ch.Expected
	}
	if f.Status != ClaimDenied && f.Allowed == 0 && f.Paid == 0 && f.PatientOwes == 0 {
		if f.Status == ClaimClosed && cl.refused(was) {
			c.postAnswer(cl, ch, c.clientsPart(cl, ch), 0, m)
		}
		return // a step without figures
	}
	cl.Allowed, cl.Paid, cl.PatientOwes = f.Allowed, f.Paid, f.PatientOwes
	if f.Allowed > 0 || f.Status == ClaimDenied && f.PatientOwes > 0 {
		c.adjustClaim(cl, ch, m)
	}
}

func (f *ClaimRecorded) told() string                { return string(f.Status) }
func (f *ClaimRecorded) was(c *Chart, _ Meta) string { return string(c.ClaimStatus(f.Appointment)) }

// adjustClaim puts the insurer's answer in place of what was expected (posting table P10): what the client owes, what
// the insurer pays, and the contractual rest, which nobody is billed.
func (c *Chart) adjustClaim(cl *InsuranceClaim, ch *Charge, m Meta) {
	insurer := max(0, cl.Allowed-cl.PatientOwes)
	owes := cl.PatientOwes
	if cl.Status == ClaimDenied {
		insurer = 0
	}
	if cl.Expected.OutOfNetwork { // no contract takes anything off: the client owes what the insurer does not pay the practice
		insurer = 0
		owes = ch.list()
	}
	c.postAnswer(cl, ch, owes, insurer, m)
}

// refused says whether a claim that stood at was ended without the insurer allowing anything: it denied or rejected it.
func (cl *InsuranceClaim) refused(was ClaimStatus) bool {
	return cl.Allowed == 0 && slices.Contains([]ClaimStatus{ClaimDenied, ClaimRejected, ClaimAppealed}, was)
}

// clientsPart is what the client was charged for a session and its claim so far.
func (c *Chart) clientsPart(cl *InsuranceClaim, ch *Charge) money.Cents {
	return ch.Owed + money.SumOf(cl.Adjusted, money.AccountID(money.Psychotherapies, clientAccount))
}

// insurersPart is what a session and its claim expect of the insurer so far.
func (c *Chart) insurersPart(cl *InsuranceClaim) money.Cents {
	account := money.AccountID(money.Psychotherapies, "receivable:insurer")
	sum := money.SumOf(cl.Adjusted, account)
	if ch := c.standing(cl.Appointment); ch != nil {
		sum += money.SumOf(ch.Lines, account)
	}
	return sum
}

// postAnswer posts the change from what was charged to what the client owes and the insurer pays; the rest is contractual.
func (c *Chart) postAnswer(cl *InsuranceClaim, ch *Charge, owes, insurer money.Cents, m Meta) {
	want := []money.Line{
		{Account: money.AccountID(money.Psychotherapies, clientAccount), Cents: owes},
		{Account: money.AccountID(money.Psychotherapies, "receivable:insurer"), Cents: insurer},
		{Account: money.AccountID(money.Psychotherapies, "contra:contractual"), Cents: ch.list() - owes - insurer}}
	change := make([]money.Line, len(want))
	for i, l := range want {
		charged := money.SumOf(ch.Lines, l.Account)
		if i == 0 {
			charged = ch.Owed // whether it was owed or paid ahead
		}
		change[i] = money.Line{Account: l.Account, Cents: l.Cents - charged - money.SumOf(cl.Adjusted, l.Account)}
	}
	c.postClaim(cl, change, "Insurer's answer, "+cl.Appointment, m)
}

// postClaim posts a change of a claim's figures and remembers the sum of all, for reversing it.
func (c *Chart) postClaim(cl *InsuranceClaim, change []money.Line, memo string, m Meta) {
	change = slices.DeleteFunc(change, func(l money.Line) bool { return l.Cents == 0 })
	if len(change) == 0 {
		return
	}
	for _, l := range change {
		if i := slices.IndexFunc(cl.Adjusted, func(x money.Line) bool { return x.Account == l.Account }); i >= 0 {
			cl.Adjusted[i].Cents += l.Cents
		} else {
			cl.Adjusted = append(cl.Adjusted, l)
		}
	}
	cl.Posted++
	c.addCharged(money.Psychotherapies, money.SumOf(change, money.AccountID(money.Psychotherapies, clientAccount)))
	c.post(money.Posting{Key: "claim:" + cl.Appointment + ":" + itoa(cl.Posted), FeeSet: money.Psychotherapies, On: m.Now, By: m.By, Memo: memo, Lines: change})
}

// reverseClaim takes back what a claim changed, when the session turns out not to have been held, so that the claim
// can be made again if it was held after all. If one was sent in, the coordinator is asked to withdraw it.
func (c *Chart) reverseClaim(visit string, m Meta) {
	cl := c.claim(visit)
	if cl == nil {
		return
	}
	c.postClaim(cl, money.Negate(cl.Adjusted), "Reversal of the insurer's answer, "+wording.LowerFirst(wording.Title(visit)), m)
	cl.Allowed, cl.Paid, cl.PatientOwes = 0, 0, 0
	if cl.Status != ClaimDraft && cl.Status != ClaimClosed && cl.Status != ClaimRejected {
		c.raiseIssue("withdraw-claim", visit, person.Coordinator, m.Now)
	}
	cl.Status, cl.Adjusted = "", nil
}

// variance is how far an insurer's answer is from what was expected, at its furthest figure; 0 while there is none.
func (cl *InsuranceClaim) variance() money.Cents {
	if !cl.settled() {
		return 0
	}
	off := max(abs(cl.PatientOwes-cl.Expected.Client), abs(cl.Allowed-cl.Expected.Allowed))
	if cl.Status == ClaimPaid || cl.Status == ClaimDenied {
		off = max(off, abs(cl.Paid-cl.Expected.Insurer))
	}
	return off
}

func abs(x money.Cents) money.Cents { return max(x, -x) }
