package policy

import (
	"fmt"
	"regexp"
	"slices"

	"kapflow/care/money"
	"kapflow/care/visit"
)

// Documents says who the practice is on paper: one biller for each fee set, because the two sets of fees have
// books, receipts and numbers of their own (R24). A document is written under today's names, so none of it is part of
// what a client agreed to.
type Documents struct {
	Medical       Biller        `json:"medical,omitzero"`
	Psychotherapy Biller        `json:"psychotherapy,omitzero"`
	Codes         []ServiceCode `json:"codes,omitempty"`
}

// Biller is who charges a fee set.
type Biller struct {
	Name    string   `json:"name"`
	Address []string `json:"address"` // lines
	State   string   `json:"state"`   // where services are given
	Phone   string   `json:"phone"`
	EIN     string   `json:"ein"` // tax number: 00-0000000
	NPI     string   `json:"npi"` // of the organisation, 10 digits; may be empty
}

// ServiceCode is the procedure code that a practice writes for a kind of visit. The practice chooses it, or the
// clinician for one visit; Kapflow never does.
type ServiceCode struct {
	Visit    visit.Kind `json:"visit"`
	Code     string     `json:"code"`
	Modifier string     `json:"modifier,omitempty"`
	Words    string     `json:"words"` // the practice's own, printed beside the code
}

// Biller gives who charges a fee set.
func (d Documents) Biller(set money.FeeSet) Biller {
	if set == money.Medical {
		return d.Medical
	}
	return d.Psychotherapy
}

// CodesFor gives the codes that the practice's settings name for a kind of visit.
func (d Documents) CodesFor(kind visit.Kind) (codes []ServiceCode) {
	for _, c := range d.Codes {
		if c.Visit == kind {
			codes = append(codes, c)
		}
	}
	return codes
}

// Agreed is what of a policy a chart carries: everything but the names on today's documents and who works here today.
func (p Policy) Agreed() Policy {
	p.Documents, p.Staff = Documents{}, nil
	return p
}

var (
	einForm  = regexp.MustCompile(`^[0-9]{2}-[0-9]{7}$`)
	npiForm  = regexp.MustCompile(`^[0-9]{10}$`)
	codeForm = regexp.MustCompile(`^[A-Z0-9]{5}$`)
)

// ValidServiceCode says whether a text has the form of a CPT or HCPCS code.
func ValidServiceCode(code string) bool { return codeForm.MatchString(code) }

func (p Policy) checkDocuments(f *faults) {
	for _, b := range []struct {
		path string
		Biller
	}{{"documents.medical", p.Documents.Medical}, {"documents.psychotherapy", p.Documents.Psychotherapy}} {
		if b.EIN != "" && !einForm.MatchString(b.EIN) {
			f.add(b.path+".ein", "must be written 00-0000000")
		}
		f.npi(b.path+".npi", b.NPI)
	}
	for i, c := range p.Clinicians {
		f.npi(fmt.Sprintf("clinicians[%d].npi", i), c.NPI)
	}
	for i, c := range p.Documents.Codes {
		at := fmt.Sprintf("documents.codes[%d].", i)
		if !slices.Contains(visit.Kinds, string(c.Visit)) {
			f.add(at+"visit", "%q is no kind of visit; the kinds are %v", c.Visit, visit.Kinds)
		}
		if !ValidServiceCode(c.Code) {
			f.add(at+"code", "must have five letters or digits, in quotes, such as \"90834\"")
		}
	}
}

func (f *faults) npi(path, value string) {
	if value != "" && !npiForm.MatchString(value) {
		f.add(path, "must have ten digits, in quotes")
	}
}
