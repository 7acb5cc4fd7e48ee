package documents

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/wording"
)

// Document is the content of a document. Its page and PDF are made from the same value.
type Document struct {
	Kind       string // estimate, statement, receipt or superbill
	Title      string
	Number     string
	Date       string
	From       Letterhead
	To         []string // name and address of the client; the first line is the name
	Facts      []Fact   // beside the client's address
	Intro      string
	Sections   []Section
	Total      *Fact // the main amount
	Notes      []Note
	Signatures []string  // labels under the signature lines
	Missing    []Missing // what the document lacks
}

// Numbered gives the document under another number, wherever it says its number.
func (d Document) Numbered(number string) Document {
	facts := slices.Clone(d.Facts)
	for i, f := range facts {
		if f.Value == d.Number && d.Number != "" && strings.HasSuffix(f.Label, "number") {
			facts[i].Value = number
		}
	}
	d.Facts, d.Number = facts, number
	return d
}

// Prefix is what the numbers of a kind of document begin with.
func (d Document) Prefix() string {
	return map[string]string{"estimate": "GFE", "statement": "ST", "receipt": "R", "superbill": "SB"}[d.Kind]
}

// Letterhead names the practice that issues a document.
type Letterhead struct {
	Name  string
	Lines []string
}

// Fact is a label and its value.
type Fact struct{ Label, Value string }

// Note is a paragraph with a heading.
type Note struct{ Heading, Text string }

// Section is one table with its heading and totals.
type Section struct {
	Heading string
	Sub     string // name below the heading
	Columns []Column
	Rows    [][]string // after a line break in a cell, small print follows
	Totals  []Fact
	Empty   string // shown if the table has no rows
}

// Column is one column of a table. Share is its part of the width, in percent.
type Column struct {
	Title  string
	Share  int
	Figure bool // true to align right
}

// Missing names something that a document lacks, and how staff can add it.
type Missing struct{ What, Remedy string }

// Subject is everything from which one client's documents are made.
type Subject struct {
	Policy       policy.Policy // current policy, for the names on the document
	Chart        *care.Chart
	Contact      person.Contact
	Billing      care.Billing
	Transactions []money.Transaction // the client's transactions in both fee sets
	Today        time.Time
}

func (s Subject) day(t time.Time) string { return s.Chart.Zone.Local(t).Format("January 2, 2006") }

// shortDay writes a day of the books (2006-01-02) for a table.
func shortDay(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("01/02/2006")
}

// letterhead gives the practice that charges a fee set, and notes what is missing.
func (s Subject) letterhead(d *Document, set money.FeeSet) Letterhead {
	b := s.Policy.Documents.Biller(set)
	at := "documents." + string(set) + "."
	name := b.Name
	if name == "" {
		name = s.Policy.Practice.Name
		d.missing("the name of the practice for "+string(set)+" fees", at+"name in the practice file")
	}
	l := Letterhead{Name: name, Lines: slices.Clone(b.Address)}
	phone := b.Phone
	if phone == "" {
		phone = s.Policy.Practice.Phone
	}
	if len(b.Address) == 0 {
		d.missing("the practice's address", at+"address in the practice file")
	}
	line := "Phone\u00a0" + phone
	if b.EIN != "" {
		line += " · EIN\u00a0" + b.EIN
	} else {
		d.missing("the practice's EIN", at+"ein in the practice file")
	}
	if b.NPI != "" {
		line += " · NPI\u00a0" + b.NPI
	}
	l.Lines = append(l.Lines, line)
	return l
}

// addressee writes the client's name and address. Without a legal name it uses the preferred name.
func (s Subject) addressee(d *Document) {
	remedy := "starter billing " + s.Chart.ClientID + ` --with -, and then {"legal_name": …, "address": …}`
	name := s.Billing.LegalName
	if name == "" {
		d.missing("the client's legal name", remedy)
		if name = s.Contact.PreferredName; name == "" {
			name = "Client " + s.Chart.ClientID
		}
	}
	d.To = []string{name}
	if s.Billing.Address == "" {
		d.missing("the client's address", remedy)
		return
	}
	for line := range strings.Lines(s.Billing.Address) {
		if line = strings.TrimSpace(line); line != "" {
			d.To = append(d.To, line)
		}
	}
}

// birthDate adds the client's date of birth to the facts.
func (s Subject) birthDate(d *Document) {
	if s.Contact.BirthDate == "" {
		d.missing("the client's date of birth", "starter record "+s.Chart.ClientID+` contact-changed --with -, and then {"birth_date": "1990-01-31"}`)
		return
	}
	d.Facts = append(d.Facts, Fact{"Date of birth", shortDay(s.Contact.BirthDate)})
}

func (d *Document) missing(what, remedy string) {
	if !slices.ContainsFunc(d.Missing, func(m Missing) bool { return m.What == what }) {
		d.Missing = append(d.Missing, Missing{what, remedy})
	}
}

// Lacks says in one sentence what is missing. It is empty if nothing is.
func (d *Document) Lacks() string {
	if len(d.Missing) == 0 {
		return ""
	}
	var all []string
	for _, m := range d.Missing {
		all = append(all, m.What)
	}
	return "Not complete. Missing: " + strings.Join(all, "; ") + "."
}

// clinician gives a clinician's name and credentials for a document.
func (s Subject) clinician(id string) (name, credentials string) {
	c, ok := s.Policy.Clinician(id)
	if !ok {
		return id, ""
	}
	name = c.Name
	if c.Title != "" {
		name += ", " + c.Title
	}
	var more []string
	if c.License != "" {
		more = append(more, "License\u00a0"+c.License)
	}
	if c.NPI != "" {
		more = append(more, "NPI\u00a0"+c.NPI)
	}
	return name, strings.Join(more, " · ")
}

func feeSetTitle(set money.FeeSet) string { return wording.Title(string(set)) + " fees" }

// providerOf gives the clinician who provides the services of a fee set.
func (s Subject) providerOf(set money.FeeSet) string {
	if set == money.Medical {
		return s.Chart.Physician
	}
	return s.Chart.Psychotherapist
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
