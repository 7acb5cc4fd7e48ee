package documents

import (
	"fmt"

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
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		d.Sections = append(d.Sections, s.statementOf(&d, set))
	}
	d.Notes = []Note{{"Questions", "Please call us at " + s.Policy.Practice.Phone + " if anything looks wrong. We correct errors with a new line and never erase one."}}
	if s.Chart.Coverage != nil {
		d.Notes = append(d.Notes, Note{"Insurance", "Amounts for sessions that your plan may cover are estimates until your insurer answers. We do not bill insurance for infusions."})
	}
	return d
}

func (s Subject) statementOf(d *Document, set money.FeeSet) Section {
	head := s.letterhead(d, set)
	sec := Section{Heading: feeSetTitle(set), Sub: head.Name, Empty: "No charges or payments yet.",
		Columns: []Column{{"Date", 13, false}, {"Description", 42, false}, {"Charges", 15, true}, {"Payments", 15, true}, {"Balance", 15, true}}}
	for _, line := range head.Lines {
		sec.Sub += " · " + line
	}
	moves, owed := account(s.Transactions, set)
	var balance, charges, credits money.Cents
	for _, m := range moves {
		balance += m.charge - m.credit
		charges += m.charge
		credits += m.credit
		sec.Rows = append(sec.Rows, []string{shortDay(m.Day), m.describe(), amount(m.charge), amount(m.credit), balance.String()})
	}
	what := Fact{"You owe", owed.String()}
	if owed < 0 {
		what = Fact{"We owe you", (-owed).String()}
	}
	sec.Totals = []Fact{{"Charges", charges.String()}, {"Payments and credits", credits.String()}, what}
	return sec
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
	case m.charge == 0 && m.credit == 0 && price > 0:
		words += fmt.Sprintf("\nPaid with the package: %s of its price", price)
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
