package documents

import (
	"fmt"
	"strings"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/visit"
)

// Estimate is the good faith estimate of expected charges that a client who pays for themselves is owed
// (45 CFR 149.610), with the data elements of CMS-10791: who the client is, the services with their codes and charges by
// provider, who the providers are, what is scheduled separately, and what an estimate is and is not. diagnoses are the
// clinician's codes, if any apply.
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
		Fact{"Primary service", primaryService(e)}, Fact{"First service", scheduled}, Fact{"Diagnosis codes", orElse(strings.Join(diagnoses, ", "), "none applied yet")})
	d.Intro = "This is what we expect to charge for the course of treatment that we planned with you, by provider. It covers services that recur, for up to twelve months."
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		d.Sections = append(d.Sections, s.estimateOf(&d, e, set))
	}
	d.Total = &Fact{"Expected charges in all", e.Total.String()}
	d.Notes = estimateNotes(s)
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

// estimateOf is one provider's part. A part's sum is what a bill is measured against.
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
			words += "\nYour share by your plan, an estimate"
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

func nonEmpty(list []string, more ...string) (out []string) {
	for _, text := range append(list, more...) {
		if strings.TrimSpace(text) != "" && text != "State " {
			out = append(out, text)
		}
	}
	return out
}

// estimateNotes say what the law wants every client to be told, in our words.
func estimateNotes(s Subject) []Note {
	return []Note{
		{"Only an estimate", "It says what we reasonably expect today. The charges may be different in the end: you may need something that nobody could foresee, and we may recommend further services. Services beyond these must be scheduled separately and are not in this estimate."},
		{"Scheduled separately", "Laboratory tests are ordered with a laboratory of its own, which bills you or your insurer itself. It will give you an estimate when you ask for one."},
		{"If you are billed more", "When a provider's bill is $400 or more above that provider's part of this estimate, you may dispute it. Call us first if you like, at " + s.Policy.Practice.Phone + ": we will explain or correct the bill. You may also ask the federal government for a dispute resolution within 120 days of the date of the bill; there is a small fee. How to begin, and the form, are at www.cms.gov/nosurprises, or call 1-800-985-3059."},
		{"No harm in disputing", "Disputing a bill will not change the quality of the care that you get from us."},
		{"Not a contract", "This estimate obliges you to nothing. You need not take any of these services, from us or from the providers named here."},
		{"Infusions and insurance", "Infusions are not billed to insurance, whatever your plan covers."},
		{"Keep this", "Please keep a copy. You may need it if you are billed more."},
	}
}
