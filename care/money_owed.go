package care

import (
	"slices"

	"kapflow/care/money"
)

// owesMoney says whether anybody still owes anybody something: the client, the practice, or the insurer. While it does, the
// record of a closed course stays open, however long that takes.
func (c *Chart) owesMoney() bool {
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		if c.Balance(set) != 0 {
			return true
		}
	}
	return c.insurerOwes() != 0 ||
		slices.ContainsFunc(c.Claims, func(cl InsuranceClaim) bool { return cl.waits() }) ||
		slices.ContainsFunc(c.Account.Refunds, func(r Refund) bool { return !r.Paid }) ||
		slices.ContainsFunc(c.Account.Payments, func(p Payment) bool { return p.Disputed })
}

// insurerOwes is what stands on the insurer's account, in cents: what insured sessions and the answers to their claims expect
// of the insurer, less what it paid. Below zero the insurer paid too much.
func (c *Chart) insurerOwes() money.Cents {
	account := money.AccountID(money.Psychotherapies, "receivable:insurer")
	var sum money.Cents
	for _, ch := range c.Account.Charges {
		if !ch.Reversed {
			sum += money.SumOf(ch.Lines, account)
		}
	}
	for _, cl := range c.Claims {
		sum += money.SumOf(cl.Adjusted, account)
	}
	for _, p := range c.Account.Payments {
		if !p.Reversed {
			sum += money.SumOf(p.Lines, account)
		}
	}
	return sum
}
