package care

import (
	"kapflow/care/money"
	"kapflow/care/person"
)

// RefundApproved approves paying back what the practice owes; never more. Without a key it is a new refund.
type RefundApproved struct {
	Happened
	FeeSet money.FeeSet `json:"fee_set"`
	Amount money.Cents  `json:"amount"`
	Reason Private      `json:"reason"`
	Key    string       `json:"key"`
}

func (f *RefundApproved) set() money.FeeSet {
	if f.FeeSet == "" {
		return money.Medical
	}
	return f.FeeSet
}

func (f *RefundApproved) check(c *Chart, m Meta, v *inspection) {
	oneOf(v, "fee_set", f.set(), money.Medical, money.Psychotherapies)
	v.required("reason", f.Reason != "")
	v.amount("amount", f.Amount)
	if r := c.refund(f.Key); r != nil {
		f.checkSecond(c, r, m, v)
		return
	}
	if owed := c.refundable(f.set()); f.Amount > owed {
		v.state("refund-too-large", person.Coordinator, "%s is more than the %s that the practice owes the client", f.Amount, owed)
	}
}

// checkSecond: a refund is approved once, or twice by two people when the practice asks for that.
func (f *RefundApproved) checkSecond(c *Chart, r *Refund, m Meta, v *inspection) {
	switch {
	case !c.needsSecond(*r):
		v.stateOf("key", CodeWrongState, "", "the refund of %s was approved already", r.Amount)
	case m.By.Is(r.By.ID):
		v.add(atRole, CodeNotYourRole, "", "a refund above "+c.Policy.Money.SecondApprovalOver.String()+" is approved by two people; another role of the same person is not a second one", person.Physician)
	case f.Amount != r.Amount || f.set() != r.FeeSet:
		v.limit(CodeInvalid, "amount", "amount: the refund was approved for %s of the %s fees; the second person approves the same", r.Amount, r.FeeSet)
	}
}

// needsSecond says whether an approved refund still waits for a second person: with it, what one person alone approved for
// this client is more than the limit. Earlier refunds count too, so that splitting an amount does not get round the limit.
func (c *Chart) needsSecond(r Refund) bool {
	over := c.Policy.Money.SecondApprovalOver
	if over == 0 || r.Second != (person.Actor{}) {
		return false
	}
	sum := money.Cents(0)
	for _, earlier := range c.Account.Refunds {
		if earlier.Second == (person.Actor{}) {
			sum += earlier.Amount
		}
		if earlier.Key == r.Key {
			break
		}
	}
	return sum > over
}

func (c *Chart) refund(key string) *Refund {
	for i := range c.Account.Refunds {
		if c.Account.Refunds[i].Key == key {
			return &c.Account.Refunds[i]
		}
	}
	return nil
}

// refundable is what may be paid back: what the client is owed, and of an unused package what its refund rule
// gives, less refunds already approved.
func (c *Chart) refundable(set money.FeeSet) money.Cents {
	owed := c.credit(set)
	if set == money.Medical && c.Package != nil && c.Package.Settled == nil {
		owed += c.RefundQuote()
	}
	return max(0, min(owed, c.Account.Paid[set]-c.promised(set)))
}

// credit is what the practice owes the client, less refunds approved but not paid yet; below zero the client
// owes.
func (c *Chart) credit(set money.FeeSet) money.Cents { return -c.Balance(set) - c.promised(set) }

// promised is the sum of the refunds approved but not paid yet.
func (c *Chart) promised(set money.FeeSet) money.Cents {
	var sum money.Cents
	for _, r := range c.Account.Refunds {
		if r.FeeSet == set && !r.Paid {
			sum += r.Amount
		}
	}
	return sum
}

// key is the refund's own: as it was given, else the next free one.
func (f *RefundApproved) key(c *Chart) string {
	key := f.Key
	for n := len(c.Account.Refunds) + 1; key == "" || f.Key == "" && c.refund(key) != nil; n++ {
		key = "refund-" + itoa(n)
	}
	return key
}

func (f *RefundApproved) apply(c *Chart, m Meta) {
	key := f.key(c)
	if r := c.refund(key); r != nil {
		r.Second = m.By
		return
	}
	set := f.set()
	if set == money.Medical && c.Package != nil && c.Package.Settled == nil && c.credit(set) < f.Amount {
		c.Package.GivenBack = true // the client goes on without it
		c.settlePackage(m)
	}
	c.Account.Refunds = append(c.Account.Refunds, Refund{Key: key, FeeSet: set, Amount: f.Amount, By: m.By, At: m.At})
	c.post(money.Posting{Key: "refund:" + key, FeeSet: set, On: m.At, By: m.By, Memo: "Refund approved",
		Lines: []money.Line{{Account: money.AccountID(set, clientAccount), Cents: f.Amount}, {Account: money.AccountID(set, "refund-payable"), Cents: -f.Amount}}})
}

// RefundPaid pays an approved refund.
type RefundPaid struct {
	Happened
	FeeSet money.FeeSet `json:"fee_set"`
	Amount money.Cents  `json:"amount"`
	Reason Private      `json:"reason"`
	Key    string       `json:"key"`
}

func (f *RefundPaid) check(c *Chart, _ Meta, v *inspection) {
	v.required("key", f.Key != "")
	switch r := c.refund(f.Key); {
	case r == nil:
		v.stateOf("key", CodeWrongState, person.Coordinator, "no refund with the key %q was approved", f.Key)
	case r.Paid:
		v.stateOf("key", CodeWrongState, "", "the refund of %s was paid already", r.Amount)
	case c.needsSecond(*r):
		v.stateOf("key", "second-approval-missing", person.Physician, "the refund of %s is above %s and waits for a second person's approval", r.Amount, c.Policy.Money.SecondApprovalOver)
	case f.FeeSet != "" && f.FeeSet != r.FeeSet:
		v.limit(CodeInvalid, "fee_set", "fee_set: the refund is of the %s fees", r.FeeSet)
	case f.Amount != 0 && f.Amount != r.Amount:
		v.limit("refund-too-large", "amount", "%s was approved, not %s", r.Amount, f.Amount)
	}
}

func (f *RefundPaid) apply(c *Chart, m Meta) {
	r := c.refund(f.Key)
	r.Paid = true
	c.addPaid(r.FeeSet, -r.Amount)
	c.post(money.Posting{Key: "refund-paid:" + r.Key, FeeSet: r.FeeSet, On: m.At, By: m.By, Memo: "Refund paid",
		Lines: []money.Line{{Account: money.AccountID(r.FeeSet, "refund-payable"), Cents: r.Amount}, {Account: money.AccountID(r.FeeSet, "cash"), Cents: -r.Amount}}})
}
