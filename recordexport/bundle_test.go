package recordexport_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"kapflow/care/record"
	"kapflow/devstack/published"
	"kapflow/recordexport"
)

// publishedSchema is HL7's JSON schema of FHIR R4, which `make setup` fetches.
var publishedSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	file, err := os.Open(published.Path(published.FHIRSchema))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	schema, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("fhir.json", schema); err != nil {
		return nil, err
	}
	return compiler.Compile("fhir.json")
})

// faults gives what the published schema finds wrong with a bundle, resource by resource.
func faults(t *testing.T, bundle []byte) error {
	t.Helper()
	published.File(t, published.FHIRSchema)
	schema, err := publishedSchema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(bundle))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(doc)
}

func bundleOf(t *testing.T, r record.HealthRecord) []byte {
	t.Helper()
	b, err := recordexport.Bundle(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBundleHoldsToThePublishedSchema(t *testing.T) {
	t.Parallel()
	for name, tale := range map[string]*tale{"OnlyEnrolled": newTale(t), "Treated": treated(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := faults(t, bundleOf(t, tale.record())); err != nil {
				t.Errorf("%#v", err)
			}
		})
	}
}

// TestPublishedSchemaRefusesABrokenBundle shows that the check above can fail.
func TestPublishedSchemaRefusesABrokenBundle(t *testing.T) {
	t.Parallel()
	good := string(oneOfEach(t, bundleOf(t, treated(t).record()), "Appointment", "EpisodeOfCare", "QuestionnaireResponse"))
	if err := faults(t, []byte(good)); err != nil {
		t.Fatalf("before it is broken: %v", err)
	}
	for name, change := range map[string][2]string{
		"StatusThatIsNone":   {`"status": "fulfilled"`, `"status": "done"`},
		"FieldThatIsNone":    {`"minutesDuration"`, `"minutes"`},
		"TextForANumber":     {`"valueInteger": 4`, `"valueInteger": "four"`},
		"ResourceThatIsNone": {`"resourceType": "EpisodeOfCare"`, `"resourceType": "Course"`},
	} {
		broken := strings.Replace(good, change[0], change[1], 1)
		if broken == good {
			t.Fatalf("%s: the bundle has no %s", name, change[0])
		}
		if faults(t, []byte(broken)) == nil {
			t.Errorf("%s: the schema took %s", name, change[1])
		}
	}
}

// oneOfEach keeps the first resource of each of the given types.
func oneOfEach(t *testing.T, bundle []byte, kinds ...string) []byte {
	t.Helper()
	var whole map[string]any
	if err := json.Unmarshal(bundle, &whole); err != nil {
		t.Fatal(err)
	}
	var kept []any
	for _, kind := range kinds {
		i := slices.IndexFunc(whole["entry"].([]any), func(e any) bool { return at(e, "resource.resourceType") == kind })
		kept = append(kept, whole["entry"].([]any)[i])
	}
	whole["entry"] = kept
	small, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return small
}

// entryOf is one resource of a bundle as a reader sees it.
type entryOf struct {
	FullURL  string         `json:"fullUrl"`
	Resource map[string]any `json:"resource"`
}

func entriesOf(t *testing.T, bundle []byte) []entryOf {
	t.Helper()
	var b struct{ Entry []entryOf }
	if err := json.Unmarshal(bundle, &b); err != nil {
		t.Fatal(err)
	}
	return b.Entry
}

func TestEveryReferenceOfABundleLeadsSomewhere(t *testing.T) {
	t.Parallel()
	entries := entriesOf(t, bundleOf(t, treated(t).record()))
	known, kinds := map[string]string{}, map[string]int{}
	for _, e := range entries {
		kind := e.Resource["resourceType"].(string)
		if known[e.FullURL] != "" {
			t.Errorf("%s is there twice", e.FullURL)
		}
		known[e.FullURL] = kind
		kinds[kind]++
	}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch x := v.(type) {
		case map[string]any:
			if ref, ok := x["reference"].(string); ok && known[ref] != x["type"] {
				t.Errorf("%s refers to %s %s, which is %q", at, x["type"], ref, known[ref])
			}
			for k, inner := range x {
				walk(at+"."+k, inner)
			}
		case []any:
			for _, inner := range x {
				walk(at, inner)
			}
		}
	}
	for _, e := range entries {
		walk(e.Resource["resourceType"].(string), e.Resource)
	}
	for _, kind := range strings.Fields(`Patient Organization Practitioner EpisodeOfCare Condition CarePlan Goal Appointment Encounter Procedure DiagnosticReport
		ServiceRequest Observation QuestionnaireResponse Consent Flag AdverseEvent MedicationRequest Coverage Communication RiskAssessment ClinicalImpression`) {
		if kinds[kind] == 0 {
			t.Errorf("the bundle has no %s", kind)
		}
	}
}

func TestBundleSaysWhatTheRecordSays(t *testing.T) {
	t.Parallel()
	got := map[string]map[string]any{}
	for _, e := range entriesOf(t, bundleOf(t, treated(t).record())) {
		got[e.Resource["resourceType"].(string)+"/"+e.Resource["id"].(string)] = e.Resource
	}
	for id, want := range map[string]map[string]string{
		"Appointment/infusion-1":    {"status": "fulfilled", "start": "2027-03-16T13:00:00-06:00", "minutesDuration": "60"},
		"Appointment/preparation-2": {"status": "fulfilled"},
		"Procedure/infusion-1":      {"status": "completed", "performedPeriod.start": "2027-03-16T13:00:00-06:00", "performedPeriod.end": "2027-03-16T13:40:00-06:00"},
		"DiagnosticReport/labs-1":   {"status": "final", "effectiveDateTime": "2027-03-06"},
		"Consent/channel-email":     {"status": "inactive", "provision.type": "deny"},
		"AdverseEvent/*":            {"event.text": "nausea"},
	} {
		resource := got[id]
		if strings.HasSuffix(id, "*") {
			for key, r := range got {
				if strings.HasPrefix(key, strings.TrimSuffix(id, "*")) {
					resource = r
				}
			}
		}
		for path, value := range want {
			if is := at(resource, path); is != value {
				t.Errorf("%s %s is %q, want %q", id, path, is, value)
			}
		}
	}
	totals := map[string][]string{}
	orders := map[string]int{}
	for _, r := range got {
		switch r["resourceType"] {
		case "Observation":
			code := r["code"].(map[string]any)["coding"].([]any)[0].(map[string]any)["code"].(string)
			totals[code] = append(totals[code], at(r, "valueInteger"))
		case "MedicationRequest":
			orders[at(r, "status")]++
		}
	}
	if len(totals["44261-6"]) != 2 || len(totals["70274-6"]) != 1 || totals["70274-6"][0] != "7" {
		t.Errorf("totals of PHQ-9 (44261-6) and GAD-7 (70274-6): %v", totals)
	}
	if orders["active"] != 1 || orders["stopped"] != 1 {
		t.Errorf("dose orders by status: %v; the second replaced the first", orders)
	}
}

// at reads a value at a path of names.
func at(v any, path string) string {
	for _, name := range strings.Split(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[name]
	}
	b, _ := json.Marshal(v)
	return strings.Trim(string(b), `"`)
}

func TestBundleHoldsNobodysFormText(t *testing.T) {
	t.Parallel()
	for _, e := range entriesOf(t, bundleOf(t, treated(t).record())) {
		if e.Resource["resourceType"] != "QuestionnaireResponse" {
			continue
		}
		for _, item := range e.Resource["item"].([]any) {
			for field := range item.(map[string]any) {
				if field != "linkId" && field != "answer" {
					t.Errorf("an item of a questionnaire response has a %s", field)
				}
			}
		}
	}
}
