package documents

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// Coding are the codes of a superbill. They come from the practice's settings or from the clinician. Kapflow chooses
// none.
type Coding struct {
	Services  []policy.ServiceCode // if empty, the codes in the practice's settings for this kind of visit
	Diagnoses []string             // ICD-10
	Units     int                  // units of each service; 0 means 1
	By        string               // id of the clinician who gave the codes that are not from the settings
}

// Superbill is the itemized bill of one completed visit, which the client can send to an insurer.
func Superbill(s Subject, appointment string, coding Coding) (Document, error) {
	v := s.Chart.Visit(appointment)
	switch {
	case v == nil:
		return Document{}, fmt.Errorf("the client has no visit %q; starter show %s lists the visits", appointment, s.Chart.ClientID)
	case v.Status != visit.Fulfilled:
		return Document{}, fmt.Errorf("%s has not taken place, so there is nothing to bill", v.ID)
	}
	charge := s.chargeOf(v.ID)
	if charge == nil {
		return Document{}, fmt.Errorf("%s was not charged, so there is nothing to bill", v.ID)
	}
	set := v.Kind.FeeSet()
	d := Document{Kind: "superbill", Title: "Superbill", Number: fmt.Sprintf("%s-%d", feeSetLetter(set), charge.Number), Date: s.day(s.Today)}
	d.From = s.letterhead(&d, set)
	s.addressee(&d)
	s.birthDate(&d)
	if s.Billing.MemberID == "" {
		d.missing("the insurer's member id", "starter billing "+s.Chart.ClientID+` --with -, and then {"member_id": …}`)
	} else {
		d.Facts = append(d.Facts, Fact{"Member id", s.Billing.MemberID})
	}
	if err := s.checkCoding(coding); err != nil {
		return Document{}, err
	}
	name, credentials := s.clinician(s.Chart.ClinicianAt(roleOf(set), v.Start)) // who had the client then
	if !strings.Contains(credentials, "License") || !strings.Contains(credentials, "NPI") {
		d.missing("the license or NPI of "+name, "license and npi of the clinician in the practice file")
	}
	if len(coding.Diagnoses) == 0 {
		d.missing("the diagnosis code", "--diagnosis, which the clinician gives")
	}
	d.Facts = append(d.Facts, Fact{"Client number", s.Chart.ClientID}, Fact{"Superbill number", d.Number}, Fact{"Rendered by", name}, Fact{"", credentials},
		Fact{"Date of service", s.Chart.Zone.Local(v.Start).Format("01/02/2006")}, Fact{"Place of service", s.placeOf(&d, v)}, Fact{"Diagnosis (ICD-10)", orElse(strings.Join(coding.Diagnoses, ", "), "–")})
	d.Facts = slices.DeleteFunc(d.Facts, func(f Fact) bool { return f.Label == "" && f.Value == "" })
	d.Sections = []Section{s.services(&d, v, *charge, coding)}
	d.Notes = superbillNotes(s, set, coding)
	d.Signatures = []string{name + ", date"}
	return d, nil
}

// diagnosisForm is the form of an ICD-10-CM code: F33.1.
var diagnosisForm = regexp.MustCompile(`^[A-TV-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$`)

// checkCoding refuses codes that are not a clinician's, and diagnoses that do not have the form of ICD-10.
func (s Subject) checkCoding(coding Coding) error {
	for _, code := range coding.Diagnoses {
		if !diagnosisForm.MatchString(code) {
			return fmt.Errorf("%q is not an ICD-10 code; write one such as F33.1", code)
		}
	}
	if len(coding.Diagnoses)+len(coding.Services) == 0 {
		return nil
	}
	if c, ok := s.Policy.Clinician(coding.By); !ok || c.Role != person.Physician && c.Role != person.Psychotherapist {
		return fmt.Errorf("codes come from a physician or psychotherapist of the practice; %q is neither", coding.By)
	}
	return nil
}

func roleOf(set money.FeeSet) person.Role {
	if set == money.Medical {
		return person.Physician
	}
	return person.Psychotherapist
}

// chargeOf gives the transaction that charges a visit and was not reversed.
func (s Subject) chargeOf(visit string) *money.Transaction {
	undone := map[int64]bool{}
	for _, t := range s.Transactions {
		undone[t.Reverses] = true
	}
	for i := range s.Transactions {
		t := &s.Transactions[i]
		if key := "service:" + visit; (t.Key == key || strings.HasPrefix(t.Key, key+":")) && !undone[t.Number] {
			return t
		}
	}
	return nil
}

func (s Subject) placeOf(d *Document, v *care.Visit) string {
	place, ok := s.Policy.Place(v.Place)
	if !ok || place.ServiceCode == "" {
		d.missing("the place of service code", "place_of_service of the place in the practice file")
		return orElse(place.Name, v.Place)
	}
	return place.ServiceCode + " " + place.Name
}

func (s Subject) services(d *Document, v *care.Visit, charge money.Transaction, coding Coding) Section {
	codes := coding.Services
	if len(codes) == 0 {
		codes = s.Policy.Documents.CodesFor(v.Kind)
	}
	if len(codes) == 0 {
		d.missing("the service code", "--code, which the clinician gives, or documents.codes in the practice file")
		codes = []policy.ServiceCode{{Words: wording.Title(string(v.Kind))}}
	}
	price, units := revenue(charge), max(coding.Units, 1)
	sec := Section{Heading: "Services", Columns: []Column{{"Code", 13, false}, {"Modifier", 13, false}, {"Service", 44, false}, {"Units", 12, true}, {"Charge", 18, true}}}
	for i, c := range codes {
		amount := ""
		if i == 0 {
			amount = price.String() // a visit has one price, even with several codes
		}
		sec.Rows = append(sec.Rows, []string{orElse(c.Code, "–"), c.Modifier, fmt.Sprintf("%s\n%s, %d minutes", orElse(c.Words, wording.Title(string(v.Kind))), wording.Title(v.ID), v.Minutes), fmt.Sprint(units), amount})
	}
	moves, _ := account(s.Transactions, v.Kind.FeeSet())
	owed := onAccounts(charge, ours...)
	sec.Totals = []Fact{{"Charge", price.String()}}
	if owed == 0 && v.Kind.FeeSet() == money.Medical {
		// The visit is part of a package, whose price was charged when it was bought.
		paid := price
		for _, m := range moves {
			if strings.HasPrefix(m.Key, "package:") && !m.undone {
				paid = min(price, max(0, price-(m.charge-paidOf(moves, m.Number))))
			}
		}
		sec.Totals = append(sec.Totals, Fact{"Paid with the package", paid.String()}, Fact{"Balance", (price - paid).String()})
		return sec
	}
	paid := paidOf(moves, charge.Number)
	if rest := price - owed; rest != 0 {
		sec.Totals = append(sec.Totals, Fact{"Expected from the insurer, and plan discount", rest.String()})
	}
	sec.Totals = append(sec.Totals, Fact{"Paid by the client", paid.String()}, Fact{"Balance owed by the client", (owed - paid).String()})
	return sec
}

func superbillNotes(s Subject, set money.FeeSet, coding Coding) (notes []Note) {
	if coding.By != "" && (len(coding.Services) > 0 || len(coding.Diagnoses) > 0) {
		name, _ := s.clinician(coding.By)
		what := "Diagnosis"
		if len(coding.Services) > 0 {
			what = "Codes"
		}
		notes = append(notes, Note{what, "Given by " + name + "."})
	}
	if set == money.Medical {
		return append(notes, Note{"Insurance", "We do not bill insurance for this service. Your plan may or may not pay for it."})
	}
	return append(notes, Note{"Insurance", "Send this to your insurer if your plan pays for services outside its network. Ask your plan whether it pays, and how much."})
}
