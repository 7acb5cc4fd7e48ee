package documents

import (
	"fmt"
	"strings"

	"kapflow/care/money"
)

// Statement is a client's account, with the two fee sets apart: every charge and payment, and what is owed (R24).
func Statement(s Subject) Document {
	d := Document{Kind: "statement", Title: "Statement of account", Date: s.day(s.Today), Number: "ST-" + s.Chart.Zone.Local(s.Today).Format("20060102")}
	d.From = s.letterhead(&d, money.Medical)
	if therapy := s.letterhead(&d, money.Psychotherapies); therapy.Name != d.From.Name {
		// Two practices share the document: each has its own table, and the letterhead is the office's.
		d.From = Letterhead{Name: s.Policy.Practice.Name, Lines: []string{"Phone " + s.Policy.Practice.Phone}}
	}
	s.addressee(&d)
	d.Facts = []Fact{{"Client number", s.Chart.ClientID}, {"Statement date", d.Date}}
	d.Intro = "Medical fees and psychotherapy fees are two separate accounts. Each payment belongs to one account. We never move it to the other."
	var due money.Cents
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		sec, owed := s.statementOf(&d, set)
		d.Sections = append(d.Sections, sec)
		due += max(0, owed) // what we owe on one account pays nothing on the other
	}
	d.Total = &Fact{"Due in all", due.String()}
	if due > 0 {
		d.Notes = append(d.Notes, Note{"How to pay", "Please pay by card, check or cash at our office, or call " + s.Policy.Practice.Phone + ". Tell us which of the two accounts a payment is for."})
	}
	d.Notes = append(d.Notes, Note{"Questions", "Please call us at " + s.Policy.Practice.Phone + " if anything looks wrong. We correct errors with a new line and never erase one."})
	if s.Chart.Coverage != nil {
		d.Notes = append(d.Notes, Note{"Insurance", "Amounts for sessions that your plan may cover are estimates until your insurer answers. We do not bill insurance for infusions."})
	}
	return d
}

// statementOf gives the table of one fee set and what the client owes on it. A package is one line that says what was used of
// it, and a refund is a payment of ours, not a charge.
func (s Subject) statementOf(d *Document, set money.FeeSet) (Section, money.Cents) {
	head := s.letterhead(d, set)
	sec := Section{Heading: feeSetTitle(set), Sub: head.Name, Empty: "No charges or payments yet.",
		Columns: []Column{{"Date", 13, false}, {"Description", 42, false}, {"Charges", 15, true}, {"Payments", 15, true}, {"Balance", 15, true}}}
	for _, line := range head.Lines {
		sec.Sub += " · " + line
	}
	moves, owed := account(s.Transactions, set)
	var balance, charges, credits, refunds money.Cents
	for i, m := range moves {
		balance += m.charge - m.credit
		if m.fromPackage() {
			continue // it stands in the package's line
		}
		words := m.describe()
		if strings.HasPrefix(m.Key, "package:") && !m.undone {
			words += usedOf(moves[i:])
		}
		if strings.HasPrefix(m.Key, "refund-paid:") {
			refunds += m.charge
			sec.Rows = append(sec.Rows, []string{shortDay(m.Day), words, "", (-m.charge).String(), balance.String()})
			continue
		}
		charges += m.charge
		credits += m.credit
		sec.Rows = append(sec.Rows, []string{shortDay(m.Day), words, amount(m.charge), amount(m.credit), balance.String()})
	}
	what := Fact{"You owe", owed.String()}
	if owed < 0 {
		what = Fact{"We owe you", (-owed).String()}
	}
	sec.Totals = []Fact{{"Charges", charges.String()}, {"Payments and credits", credits.String()}}
	if refunds > 0 {
		sec.Totals = append(sec.Totals, Fact{"Refunds paid to you", refunds.String()})
	}
	sec.Totals = append(sec.Totals, what)
	return sec, owed
}

// fromPackage says whether a row is a visit that a package paid for.
func (m move) fromPackage() bool {
	return strings.HasPrefix(m.Key, "service:") && m.charge == 0 && m.credit == 0 && onAccounts(m.Transaction, "deferred:package") > 0 ||
		m.Reverses != 0 && m.charge == 0 && m.credit == 0
}

// usedOf says in small print what was used of a package, from the rows that begin with its own, up to the next package.
func usedOf(rows []move) string {
	var visits []string
	for i, m := range rows {
		if i > 0 && strings.HasPrefix(m.Key, "package:") && !m.undone {
			break
		}
		if m.fromPackage() && !m.undone {
			visits = append(visits, strings.TrimSuffix(m.words, " from the package"))
		}
	}
	if len(visits) == 0 {
		return "\nNothing of it was used yet"
	}
	return "\nUsed: " + strings.Join(visits, ", ")
}

// describe says what a row is. Its small print says what an insurer is expected to pay, or that a package paid.
func (m move) describe() string {
	words := m.words
	price, insurer := revenue(m.Transaction), onAccounts(m.Transaction, "receivable:insurer")
	contractual := onAccounts(m.Transaction, "contra:contractual")
	switch {
	case m.Reverses != 0:
	case m.FeeSet == money.Psychotherapies && price > 0 && (insurer != 0 || contractual != 0):
		words += fmt.Sprintf("\nPrice %s; insurer %s", price, insurer)
		if contractual != 0 {
			words += fmt.Sprintf("; plan discount %s", contractual)
		}
		words += " (estimate)"
	}
	if m.Occurred != m.Day {
		words += "\nOn " + shortDay(m.Occurred)
	}
	return words
}

// amount writes cents, and nothing for zero.
func amount(c money.Cents) string {
	if c == 0 {
		return ""
	}
	return c.String()
}

// Receipt confirms one payment: the one with the key, or without a key the last one that was not reversed.
func Receipt(s Subject, key string) (Document, error) {
	var found *money.Transaction
	undone := map[int64]bool{}
	for _, t := range s.Transactions {
		undone[t.Reverses] = true
	}
	for i := range s.Transactions {
		t := &s.Transactions[i]
		is := len(t.Key) > 4 && t.Key[:4] == "pay:" && onAccounts(*t, "receivable:insurer") == 0
		if is && (key == "" && !undone[t.Number] || t.Key == "pay:"+key) {
			found = t
		}
	}
	switch {
	case found == nil && key == "":
		return Document{}, fmt.Errorf("the client has made no payment yet; record payment-received first")
	case found == nil:
		return Document{}, fmt.Errorf("the client has no payment with the key %q; starter statement %s lists all payments", key, s.Chart.ClientID)
	case undone[found.Number]:
		return Document{}, fmt.Errorf("the payment %q was reversed, so it has no receipt", key)
	}
	t := *found
	amount := -onAccounts(t, ours...)
	d := Document{Kind: "receipt", Title: "Receipt", Number: fmt.Sprintf("%s-%d", feeSetLetter(t.FeeSet), t.Number), Date: s.day(s.Today)}
	d.From = s.letterhead(&d, t.FeeSet)
	s.addressee(&d)
	d.Facts = []Fact{{"Receipt number", d.Number}, {"Client number", s.Chart.ClientID}, {"Date of payment", shortDay(t.Occurred)}}
	_, owed := account(s.Transactions, t.FeeSet)
	d.Intro = "We received your payment. Thank you."
	d.Sections = []Section{{Heading: feeSetTitle(t.FeeSet), Columns: []Column{{"Date", 18, false}, {"Payment", 60, false}, {"Amount", 22, true}},
		Rows: [][]string{{shortDay(t.Occurred), t.Memo, amount.String()}}, Totals: []Fact{{"Received", amount.String()}}}}
	if owed > 0 {
		d.Sections[0].Totals = append(d.Sections[0].Totals, Fact{"Still owed on this account", owed.String()})
	} else if owed < 0 {
		d.Sections[0].Totals = append(d.Sections[0].Totals, Fact{"Paid ahead on this account", (-owed).String()})
	} else {
		d.Sections[0].Totals = append(d.Sections[0].Totals, Fact{"Still owed on this account", owed.String()})
	}
	d.Notes = []Note{{"What this is for", "This payment belongs to your " + string(t.FeeSet) + " account. For a receipt with codes for your insurer, ask us for a superbill."}}
	d.Signatures = []string{"For " + d.From.Name}
	return d, nil
}

func feeSetLetter(set money.FeeSet) string {
	if set == money.Medical {
		return "M"
	}
	return "P"
}
