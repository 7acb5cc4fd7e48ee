package documents

import (
	"fmt"
	"slices"
	"strings"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// Estimate is the good faith estimate of expected charges for a client who pays for themselves (45 CFR 149.610), with
// the data elements of CMS-10791: the client, the services with codes and charges by provider, the providers, what is
// scheduled separately, and what an estimate is and is not. Diagnoses are the clinician's codes, if any.
func Estimate(s Subject, e care.GoodFaithEstimate, number string, diagnoses []string) Document {
	d := Document{Kind: "estimate", Title: "Good faith estimate", Number: number, Date: s.day(e.MadeAt)}
	d.From = Letterhead{Name: s.Policy.Practice.Name, Lines: []string{"Phone " + s.Policy.Practice.Phone}}
	s.addressee(&d)
	s.birthDate(&d)
	scheduled := "not scheduled yet"
	if !e.Scheduled.IsZero() {
		scheduled = s.day(e.Scheduled)
	}
	d.Facts = append(d.Facts, Fact{"Client number", s.Chart.ClientID}, Fact{"Estimate number", number}, Fact{"Date of estimate", d.Date}, Fact{"Valid until", s.day(e.ValidUntil)},
		Fact{"Primary service", primaryService(e)}, Fact{"First service", scheduled}, Fact{"Diagnosis codes", orElse(strings.Join(diagnoses, ", "), "none yet")})
	d.Intro = "This is what we expect to charge for the treatment that we planned with you. Each provider has a separate part. Repeated services are included for up to 12 months."
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		d.Sections = append(d.Sections, s.estimateOf(&d, e, set))
	}
	d.Total = &Fact{"Total expected charges", e.Total.String()}
	d.Notes = append(outOfNetworkNotes(s, e), estimateNotes(s)...)
	return d
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func primaryService(e care.GoodFaithEstimate) string {
	for _, it := range e.Items {
		if it.Service == "infusion" {
			return count(it.Quantity, "infusion") + " with psychotherapy"
		}
	}
	return "Psychotherapy and medical consult"
}

// estimateOf is the part of one provider. A bill is compared with the sum of its provider's part.
func (s Subject) estimateOf(d *Document, e care.GoodFaithEstimate, set money.FeeSet) Section {
	biller := s.letterhead(d, set)
	name, credentials := s.clinician(s.providerOf(set))
	sec := Section{Heading: feeSetTitle(set), Empty: "No charges are expected from this provider.",
		Columns: []Column{{"Service", 44, false}, {"Code", 14, false}, {"Quantity", 12, true}, {"Each", 15, true}, {"Expected", 15, true}}}
	state := s.Policy.Documents.Biller(set).State
	if state == "" {
		d.missing("the state where services are given", "documents."+string(set)+".state in the practice file")
	}
	sec.Sub = strings.Join(nonEmpty(append([]string{name, credentials, biller.Name}, biller.Lines...), "State "+state), " · ")
	if !strings.Contains(credentials, "NPI") && s.Policy.Documents.Biller(set).NPI == "" {
		d.missing("the NPI of "+name, "npi of the clinician in the practice file")
	}
	var sum money.Cents
	for _, it := range e.Items {
		if it.FeeSet != set {
			continue
		}
		words := it.Words
		if it.Insured {
			words += "\nYour estimated share under your plan"
		}
		if it.PaidBack != nil {
			words += "\n" + paidBackWords(*it.PaidBack)
		}
		var codes []string
		for _, c := range s.Policy.Documents.CodesFor(visit.Kind(it.Service)) {
			codes = append(codes, c.Code)
		}
		if len(codes) == 0 && it.Service != "package" {
			d.missing("a service code for "+it.Service, "documents.codes in the practice file")
		}
		sum += it.Amount
		sec.Rows = append(sec.Rows, []string{words, strings.Join(codes, ", "), fmt.Sprint(it.Quantity), it.Each.String(), it.Amount.String()})
	}
	sec.Totals = []Fact{{"Expected from this provider", sum.String()}}
	return sec
}

// paidBackWords says what a plan is expected to pay back for a line. What is not known is said to be unknown.
func paidBackWords(b care.PaidBack) string {
	if !b.Known() {
		return "Outside your plan's network. What your plan pays back is unknown."
	}
	return "Outside your plan's network. Your plan may pay you back about " + b.Cents.String() + "."
}

// outOfNetworkNotes explain what a plan without a contract is expected to pay back: from which figures, or which are missing.
func outOfNetworkNotes(s Subject, e care.GoodFaithEstimate) []Note {
	var sum money.Cents
	var lacks []string
	found := false
	for _, it := range e.Items {
		if it.PaidBack == nil {
			continue
		}
		found = true
		sum += it.PaidBack.Cents
		for _, figure := range it.PaidBack.Lacks {
			if !slices.Contains(lacks, figure) {
				lacks = append(lacks, figure)
			}
		}
	}
	if !found {
		return nil
	}
	text := "You pay us the amounts above and may send our bills to your plan. "
	if len(lacks) > 0 {
		text += "We do not know yet what it pays back for some services. Ask your plan for " + wording.JoinWords(lacks, "and") + "."
	} else {
		text += "By what your plan told us, it may pay you back about " + sum.String() + " in all."
	}
	if cov := s.Chart.Coverage; cov != nil {
		text += " The figures are from " + s.day(cov.AsOf) + "."
	}
	return []Note{{"Outside your plan's network", text + " Your plan decides what it pays. This does not change what you owe us."}}
}

func nonEmpty(list []string, more ...string) (out []string) {
	for _, text := range append(list, more...) {
		if strings.TrimSpace(text) != "" && text != "State " {
			out = append(out, text)
		}
	}
	return out
}

// estimateNotes are the notices that the law requires, in our own words.
func estimateNotes(s Subject) []Note {
	return []Note{
		{"Only an estimate", "This is what we reasonably expect today. Your actual charges may differ. You may need something that nobody could foresee, and we may recommend more services. Other services must be scheduled separately and are not in this estimate."},
		{"Scheduled separately", "A separate laboratory does the lab tests. It bills you or your insurer directly. Ask the laboratory for its estimate."},
		{"If you are billed more", "If a provider's bill is $400 or more above that provider's part of this estimate, you may dispute it. You can call us first at " + s.Policy.Practice.Phone + ". We will explain or correct the bill. You may also ask the federal government for dispute resolution within 120 days of the date of the bill. There is a small fee. To start, and for the form, go to www.cms.gov/nosurprises or call 1-800-985-3059."},
		{"Your care stays the same", "Disputing a bill will not affect the quality of your care."},
		{"Not a contract", "This estimate is not a contract. You do not have to use any of these services, from us or from the providers named here."},
		{"Infusions and insurance", "We do not bill insurance for infusions, whatever your plan covers."},
		{"Keep a copy", "Please keep a copy. You may need it if your bill is higher."},
	}
}
