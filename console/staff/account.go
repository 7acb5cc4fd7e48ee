package staff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/form"
	"kapflow/care/money"
	"kapflow/care/record"
	"kapflow/care/wording"
)

// accountPage is a client's account.
type accountPage struct {
	Head     clientHead
	Sets     []accountSet
	Payments []care.Payment // newest first
	Refunds  []care.Refund
	Package  string
	Quote    money.Cents
	Clinical bool // the reader may see what was charged for
	Sheet    *worksheet
	Zone     clock.Zone
}

// accountSet is one fee set of an account, in cents.
type accountSet struct {
	FeeSet              money.FeeSet
	Charged, Paid, Owed money.Cents
	Lines               []accountLine // newest first
}

// accountLine is one posting, as it changes what the client owes.
type accountLine struct {
	At     time.Time
	Words  string
	Amount money.Cents // above zero: the client owes more
	Other  money.Cents // what moved without changing what the client owes, such as an insurer's part
}

// account shows both fee sets, their lines, what a refund would be, and the payments.
func account(v *visitor) error {
	a, err := v.site.Desk.ReadAccount(v.r.Context(), v.who, v.r.PathValue("client"))
	if err != nil {
		return err
	}
	p := accountPage{Head: v.head(a.Client, a.Name, "/money"), Payments: slices.Clone(a.Payments), Refunds: slices.Clone(a.Refunds), Package: a.Package, Quote: a.Quote, Zone: a.Zone, Clinical: v.sees(access.Clinical)}
	slices.Reverse(p.Payments)
	slices.Reverse(p.Refunds)
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		s := accountSet{FeeSet: set, Charged: a.Charged[set], Paid: a.Paid[set], Owed: a.Charged[set] - a.Paid[set]}
		for i := len(a.Postings) - 1; i >= 0; i-- {
			if posting := a.Postings[i]; posting.FeeSet == set {
				s.Lines = append(s.Lines, lineOf(posting, p.Clinical))
			}
		}
		p.Sets = append(p.Sets, s)
	}
	if p.Sheet, err = worksheetOf(a.Coverage, a.Zone, p.Clinical); err != nil {
		return err
	}
	return v.show(page{Title: "Money", Template: "account", Data: p})
}

// postingWords say what sort a posting is whose key begins so.
var postingWords = map[string]string{"pay": "Payment", "reverse": "Reversal", "prepaid": "Paid ahead", "claim": "Insurer’s answer"}

// lineOf says a posting in words: its memo, or only what sort it is for somebody who sees nothing clinical.
func lineOf(p money.Posting, clinical bool) accountLine {
	l := accountLine{At: p.On, Words: p.Memo}
	if !clinical {
		sort, _, _ := strings.Cut(p.Key, ":")
		l.Words = cmp.Or(postingWords[sort], wording.Title(sort))
	}
	for _, x := range p.Lines {
		if strings.HasPrefix(x.Account, string(p.FeeSet)+":receivable:client") || strings.HasPrefix(x.Account, string(p.FeeSet)+":deferred:visit") {
			l.Amount += x.Cents
		}
		l.Other += max(0, x.Cents)
	}
	return l
}

// Credit is what the practice owes the client.
func (s accountSet) Credit() money.Cents { return -s.Owed }

// worksheet is what the practice knows of a client's insurance.
type worksheet struct {
	Rows     []form.Said
	Contact  []form.Said
	Entered  time.Time
	Reviewed time.Time // zero: not since it was entered
	Asked    time.Time // when the insurer was asked; zero: never
}

// worksheetOf says a coverage sheet in words; nil while nothing is known. Which services the plan counts differently is clinical.
func worksheetOf(s *record.CoverageSheet, z clock.Zone, clinical bool) (*worksheet, error) {
	if s == nil {
		return nil, nil
	}
	w := &worksheet{Entered: s.Entered, Reviewed: s.Reviewed, Asked: s.Asked}
	kind, contact := care.KindFor[*care.CoverageReviewed](), care.KindFor[*care.InsurerContacted]()
	var err error
	if w.Rows, err = form.Say(kind, s.Fields, z); err != nil {
		return nil, fmt.Errorf("coverage: %w", err)
	}
	if services, _ := kind.Field("services"); !clinical {
		w.Rows = slices.DeleteFunc(w.Rows, func(row form.Said) bool { return row.Label == services.Label })
	}
	if w.Contact, err = form.Say(contact, s.Contact, z); err != nil {
		return nil, fmt.Errorf("contact with the insurer: %w", err)
	}
	return w, nil
}
