package recordexport

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/record"
)

// fhir is one FHIR element or resource. Maps are encoded in the order of their keys, so the same record gives the same
// bytes. The test holds the result to the published schema (bundle_test.go).
type fhir map[string]any

// Code systems that resources refer to.
const (
	loinc       = "http://loinc.org"
	ucum        = "http://unitsofmeasure.org"
	rxnorm      = "http://www.nlm.nih.gov/research/umls/rxnorm"
	actCode     = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	terminology = "http://terminology.hl7.org/CodeSystem/"
)

// bundle collects the resources of one record.
type bundle struct {
	r       record.HealthRecord
	c       *care.Chart
	entries []fhir
	known   map[string]bool // Type/id of each resource in it
}

// Bundle writes a record as a FHIR R4 Bundle of type collection. Questionnaire answers carry link ids only, without the
// text of the questions.
func Bundle(r record.HealthRecord) ([]byte, error) {
	b := &bundle{r: r, c: r.Chart, known: map[string]bool{}}
	b.people()
	b.course()
	b.consents()
	b.coverage()
	b.labs()
	b.visits()
	if err := b.facts(); err != nil {
		return nil, err
	}
	if err := b.measures(); err != nil {
		return nil, err
	}
	b.messages()
	whole := fhir{
		"resourceType": "Bundle", "type": "collection", "timestamp": b.time(asOf(r)),
		"identifier": fhir{"system": "urn:ietf:rfc:3986", "value": b.urn("Bundle", "record")},
		"meta":       fhir{"security": []fhir{coding(terminology+"v3-Confidentiality", "R", "restricted")}},
		"entry":      b.entries,
	}
	return json.MarshalIndent(whole, "", "  ")
}

// asOf is the latest time in a record. It is used as the time of the export, so that the same record gives the same
// documents.
func asOf(r record.HealthRecord) time.Time {
	at := r.Chart.Published.At
	if at.IsZero() {
		at = r.Chart.EnrolledAt
	}
	if n := len(r.Journal); n > 0 && r.Journal[n-1].At.After(at) {
		at = r.Journal[n-1].At
	}
	return at
}

// add puts a resource into the bundle. The id must be unique among resources of its type.
func (b *bundle) add(kind, id string, resource fhir) {
	for n, first := 2, id; b.known[kind+"/"+id]; n++ {
		id = numbered(first, n)
	}
	resource["resourceType"], resource["id"] = kind, resourceID(id)
	for key, value := range resource {
		if empty(value) {
			delete(resource, key) // FHIR allows no empty values
		}
	}
	b.known[kind+"/"+id] = true
	b.entries = append(b.entries, fhir{"fullUrl": b.urn(kind, id), "resource": resource})
}

// fhirID is what FHIR lets an id be: 64 letters, digits, hyphens and dots.
var fhirID = regexp.MustCompile(`^[A-Za-z0-9\-.]{1,64}$`)

// resourceID makes an id of FHIR's form. Ids that a practice chose may have other characters: each becomes a hyphen, and a hash of the
// whole keeps two such ids apart.
func resourceID(id string) string {
	if fhirID.MatchString(id) {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	plain := strings.Map(func(r rune) rune {
		if fhirID.MatchString(string(r)) {
			return r
		}
		return '-'
	}, id)
	return plain[:min(len(plain), 47)] + "-" + hex.EncodeToString(sum[:8])
}

func empty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case fhir:
		return len(x) == 0
	case []fhir:
		return len(x) == 0
	default:
		return false
	}
}

func (b *bundle) urn(kind, id string) string {
	return "urn:uuid:" + uuid.NewSHA1(uuid.NameSpaceOID, []byte("kapflow/"+b.c.ClientID+"/"+kind+"/"+id)).String()
}

func (b *bundle) ref(kind, id string) fhir { return fhir{"reference": b.urn(kind, id), "type": kind} }

func (b *bundle) patient() fhir { return b.ref("Patient", b.c.ClientID) }

// actor refers to a clinician of the practice, or names the role of an actor who is not listed.
func (b *bundle) actor(a person.Actor) fhir {
	switch {
	case b.known["Practitioner/"+a.ID]:
		return b.ref("Practitioner", a.ID)
	case a.Role == person.Client:
		return b.patient()
	default:
		return fhir{"display": string(a.Role)}
	}
}

// encounter refers to the encounter of a visit that took place or began. It is nil for other visits.
func (b *bundle) encounter(appointment string) fhir {
	if !b.known["Encounter/"+appointment] {
		return nil
	}
	return b.ref("Encounter", appointment)
}

// time writes an instant in the practice's zone, and "" for no instant.
func (b *bundle) time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return b.c.Zone.Local(t).Format(time.RFC3339)
}

func (b *bundle) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return b.c.Zone.Local(t).Format(time.DateOnly)
}

func (b *bundle) period(from, to time.Time) fhir {
	return compact(fhir{"start": b.time(from), "end": b.time(to)})
}

func compact(f fhir) fhir {
	for k, v := range f {
		if empty(v) {
			delete(f, k)
		}
	}
	return f
}

func coding(system, code, display string) fhir {
	return compact(fhir{"system": system, "code": code, "display": display})
}

func concept(system, code, text string) fhir {
	return fhir{"coding": []fhir{coding(system, code, "")}, "text": text}
}

func text(words string) fhir {
	if words == "" {
		return nil
	}
	return fhir{"text": words}
}

func quantity(value float64, unit, code string) fhir {
	return fhir{"value": value, "unit": unit, "system": ucum, "code": code}
}

func notes(words string) []fhir {
	if words == "" {
		return nil
	}
	return []fhir{{"text": words}}
}

func numbered(name string, n int) string { return fmt.Sprintf("%s-%d", name, n) }
