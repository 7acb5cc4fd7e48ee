package care

import (
	"strings"
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
)

// PaymentReceived records a payment; Kapflow records payments and never takes them.
type PaymentReceived struct {
	Happened
	FeeSet    money.FeeSet `json:"fee_set"`
	Amount    money.Cents  `json:"amount"`
	Method    string       `json:"method"`
	Reference Private      `json:"reference"`
	Key       string       `json:"key"`
	Fee       money.Cents  `json:"processor_fee"` // that the card processor kept of the amount
	Confirmed bool         `json:"confirmed"`     // somebody looked at what is unusual about it
}

func (f *PaymentReceived) check(c *Chart, m Meta, v *inspection) {
	oneOf(v, "fee_set", f.FeeSet, money.Medical, money.Psychotherapies)
	oneOf(v, "method", f.Method, "cash", "check", "card", "hsa", "insurer")
	v.amount("amount", f.Amount)
	if f.Fee < 0 || f.Fee > f.Amount {
		v.invalid("processor_fee", "must be between 0 and the amount")
	}
	switch p := c.payment(f.Key); {
	case f.Key == "" || p == nil:
	case p.Amount != f.Amount || p.FeeSet != f.FeeSet || p.Insurer != (f.Method == "insurer"):
		v.limit(CodeInvalid, "key", "key: %q was used for another payment, of %s", f.Key, p.Amount)
	case p.Reversed:
		v.limit(CodeInvalid, "key", "key: the payment %q was reversed; give the right one a key of its own", f.Key)
	}
	if f.FeeSet == money.Medical && f.Method == "insurer" {
		// R38
		v.limit("never-insured", "method", "an insurer never pays for the medical services")
	}
	f.ask(c, m, v)
}

// ask refuses a payment that may be a typing error until somebody confirms it: an equal one by the client on the same day, and one
// that is more than all of the course costs. An insurer often pays for several sessions with equal amounts on one day.
func (f *PaymentReceived) ask(c *Chart, m Meta, v *inspection) {
	if f.Confirmed || v.failed(atLimit) || f.Key != "" && c.payment(f.Key) != nil {
		return
	}
	for _, p := range c.Account.Payments {
		if f.Method != "insurer" && p.FeeSet == f.FeeSet && p.Amount == f.Amount && !p.Insurer && !p.Reversed && c.Zone.SameDay(p.At, m.At) {
			v.limit(CodeConfirm, "confirmed", "%s for the %s fees was recorded for this day already, as %s; if this is another payment, record it with confirmed: true", f.Amount, f.FeeSet, p.Key)
			return
		}
	}
	if most := c.coursePrice(f.FeeSet, m.At); f.Amount > most {
		v.limit(CodeConfirm, "confirmed", "%s is more than the course costs, %s for the %s fees; check the amount, and if it is right record it with confirmed: true", f.Amount, most, f.FeeSet)
	}
}

// coursePrice is the most that a course costs in one fee set: what it is estimated to cost, what the client owes now, and
// while no plan is chosen the largest package or as many sessions singly, whichever is more.
func (c *Chart) coursePrice(set money.FeeSet, at time.Time) money.Cents {
	draft := c.DraftEstimate(at)
	l := c.prices(at)
	if set == money.Medical && draft.Package != money.PackageNone {
		return max(draft.Medical, c.Balance(set))
	}
	if set == money.Medical {
		return max(draft.Medical, c.Balance(set), l.Package(money.PackageTen), l.Plan(money.PackageNone, money.PackageInfusions(money.PackageTen)))
	}
	sessions := money.Cents(c.Policy.Preparation.MinimumSessions + money.PackageInfusions(money.PackageTen))
	return max(draft.Psychotherapy, c.Balance(set), c.Policy.Money.EvaluationPrice+sessions*c.Policy.Money.SessionPrice)
}

func (c *Chart) payment(key string) *Payment {
	for i := range c.Account.Payments {
		if c.Account.Payments[i].Key == key {
			return &c.Account.Payments[i]
		}
	}
	return nil
}

func (f *PaymentReceived) apply(c *Chart, m Meta) {
	key := f.Key
	if key == "" {
		key = m.ID
	}
	if key != "" && c.payment(key) != nil {
		return // the same payment again: one row
	}
	for n := len(c.Account.Payments) + 1; key == "" || c.payment(key) != nil; n++ {
		key = "payment-" + itoa(n)
	}
	from := clientAccount
	if f.Method == "insurer" {
		from = "receivable:insurer" // it settles the insurer's part, not the client's
	} else {
		c.addPaid(f.FeeSet, f.Amount)
	}
	lines := c.post(money.Posting{Key: "pay:" + key, FeeSet: f.FeeSet, On: m.At, By: m.By, Memo: "Payment by " + f.Method,
		Lines: []money.Line{{Account: money.AccountID(f.FeeSet, "cash"), Cents: f.Amount - f.Fee}, {Account: money.AccountID(f.FeeSet, "expense:fees"), Cents: f.Fee}, {Account: money.AccountID(f.FeeSet, from), Cents: -f.Amount}}})
	c.Account.Payments = append(c.Account.Payments, Payment{Key: key, FeeSet: f.FeeSet, Amount: f.Amount, Insurer: f.Method == "insurer", Lines: lines, At: m.At})
}

func (f *PaymentReceived) told() string { return f.Amount.String() }

// PaymentCorrected reverses a payment recorded wrongly: a reversing row, never an edit. With dispute it follows a
// card payment that the client's bank takes back: opened, then won or lost.
type PaymentCorrected struct {
	Happened
	Key     string  `json:"key"`
	Reason  Private `json:"reason"`
	Dispute string  `json:"dispute"` // opened, won, lost; empty: the payment was recorded wrongly
}

func (f *PaymentCorrected) check(c *Chart, _ Meta, v *inspection) {
	v.required("key", f.Key != "")
	v.required("reason", f.Reason != "")
	if f.Dispute != "" {
		oneOf(v, "dispute", f.Dispute, "opened", "won", "lost")
	}
	switch p := c.payment(f.Key); {
	case p == nil:
		v.stateOf("key", CodeWrongState, "", "no payment has the key %q", f.Key)
	case p.Reversed:
		v.stateOf("key", CodeWrongState, "", "the payment of %s was reversed already", p.Amount)
	case f.Dispute == "" && !p.Insurer && c.Account.Paid[p.FeeSet]-c.promised(p.FeeSet) < p.Amount:
		v.state(CodeWrongState, person.Coordinator, "some of the payment of %s was refunded already; record the payment that was really made first, then reverse this one", p.Amount)
	case p.Disputed != (f.Dispute == "won" || f.Dispute == "lost"):
		v.state(CodeWrongState, person.Coordinator, "the payment of %s is %s; a dispute is opened once, and then won or lost", p.Amount, map[bool]string{true: "in dispute", false: "not in dispute"}[p.Disputed])
	}
}

func (f *PaymentCorrected) apply(c *Chart, m Meta) {
	p := c.payment(f.Key)
	row := money.Posting{FeeSet: p.FeeSet, On: m.Now, By: m.By}
	from, cash, disputed := money.AccountID(p.FeeSet, "receivable:insurer"), money.AccountID(p.FeeSet, "cash"), money.AccountID(p.FeeSet, "receivable:disputed")
	if !p.Insurer {
		from = money.AccountID(p.FeeSet, clientAccount)
	}
	switch f.Dispute {
	case "opened":
		p.Disputed, p.DisputedAt = true, m.At
		row.Lines = []money.Line{{Account: disputed, Cents: p.Amount}, {Account: cash, Cents: -p.Amount}}
	case "won":
		p.Disputed = false
		row.Lines = []money.Line{{Account: cash, Cents: p.Amount}, {Account: disputed, Cents: -p.Amount}}
	case "lost":
		row.Lines = []money.Line{{Account: from, Cents: p.Amount}, {Account: disputed, Cents: -p.Amount}}
	default:
		row.Key, row.Reverses, row.Lines, row.Memo = "correct:"+f.Key, "pay:"+f.Key, money.Negate(p.Lines), "Reversal of payment "+f.Key
	}
	if f.Dispute != "" {
		p.Disputes++
		row.Key, row.Memo = "dispute:"+itoa(p.Disputes)+":"+f.Key, "Dispute "+f.Dispute+", payment "+f.Key
	}
	if f.Dispute == "lost" || f.Dispute == "" {
		p.Reversed, p.Disputed = true, false
		if !p.Insurer {
			c.addPaid(p.FeeSet, -p.Amount)
		}
	}
	c.post(row)
}

// FeeWaived lets the client off a late-cancel or no-show fee.
type FeeWaived struct {
	Happened
	Appointment string  `json:"appointment"`
	Reason      Private `json:"reason"`
}

func (f *FeeWaived) check(c *Chart, m Meta, v *inspection) {
	v.required("reason", f.Reason != "")
	visit := v.needVisit(c, f.Appointment)
	if visit == nil {
		return
	}
	if m.By.Role != person.Coordinator && m.By.Role != visit.clinician() {
		v.add(atRole, CodeNotYourRole, "", "the fee of "+visit.Name()+" is waived by its own clinician or the coordinator", person.Coordinator)
	}
	if c.fee(f.Appointment) == nil {
		v.stateOf(fieldAppointment, CodeWrongState, "", "no late-cancel or no-show fee stands for %s", visit.Name())
	}
}

// clinician is the role that a visit's clinical decisions belong to.
func (v *Visit) clinician() person.Role {
	if v.Kind.FeeSet() == money.Medical {
		return person.Physician
	}
	return person.Psychotherapist
}

// fee is the late-cancel or no-show fee that stands for a visit, or nil.
func (c *Chart) fee(visit string) *Charge {
	for i := range c.Account.Charges {
		if ch := &c.Account.Charges[i]; ch.About == visit && !ch.Reversed && (strings.HasPrefix(ch.Key, "late-cancel:") || strings.HasPrefix(ch.Key, "no-show:")) {
			return ch
		}
	}
	return nil
}

func (f *FeeWaived) apply(c *Chart, m Meta) {
	ch := c.fee(f.Appointment)
	c.reverse(ch, m)
}
