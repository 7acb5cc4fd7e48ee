package recordexport_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"kapflow/devstack/published"
	"kapflow/recordexport"
)

// definitions are the published schemas of single types of resource: asking the schema of all types about each resource takes a
// hundred times as long.
var definitions = struct {
	sync.Mutex
	compiler *jsonschema.Compiler
	of       map[string]*jsonschema.Schema
}{of: map[string]*jsonschema.Schema{}}

func definition(t *testing.T, kind string) *jsonschema.Schema {
	t.Helper()
	definitions.Lock()
	defer definitions.Unlock()
	if definitions.compiler == nil {
		published.File(t, published.FHIRSchema)
		file, err := os.Open(published.Path(published.FHIRSchema))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		whole, err := jsonschema.UnmarshalJSON(file)
		if err != nil {
			t.Fatal(err)
		}
		definitions.compiler = jsonschema.NewCompiler()
		if err := definitions.compiler.AddResource("fhir.json", whole); err != nil {
			t.Fatal(err)
		}
	}
	if definitions.of[kind] == nil {
		s, err := definitions.compiler.Compile("fhir.json#/definitions/" + kind)
		if err != nil {
			t.Fatal(err)
		}
		definitions.of[kind] = s
	}
	return definitions.of[kind]
}

// TestBundleOfARandomCourseIsGoodFHIR plays courses with facts left out, under ids as practices write them: every resource holds to the
// published schema, every id is one of FHIR's, none is there twice, and every problem and questionnaire has its codes.
func TestBundleOfARandomCourseIsGoodFHIR(t *testing.T) {
	t.Parallel()
	fhirID := regexp.MustCompile(`^[A-Za-z0-9\-.]{1,64}$`)
	names := rapid.SampledFrom([]string{"main", "Main Office", "büro/1", "place_1", strings.Repeat("long", 30), "診療所", "a.b-c"})
	rapid.Check(t, func(rt *rapid.T) {
		p := samplePolicy()
		p.Places[0].ID = names.Draw(rt, "place")
		p.Clinicians[0].Name = names.Draw(rt, "name")
		presenting, err := json.Marshal(rapid.SliceOfN(rapid.SampledFrom([]string{"depression", "anxiety", "substance-dependence"}), 1, 3).Draw(rt, "presenting"))
		if err != nil {
			rt.Fatal(err)
		}
		s := newTaleOf(t, p, string(presenting))
		often := rapid.IntRange(0, 4).Draw(rt, "left out of 20")
		s.leaveOut = func() bool { return rapid.IntRange(0, 19).Draw(rt, "left out") < often }
		s.treat()
		bundle, err := recordexport.Bundle(s.record())
		if err != nil {
			rt.Fatal(err)
		}
		ids := map[string]bool{}
		for _, e := range entriesOf(t, bundle) {
			kind := e.Resource["resourceType"].(string)
			id := e.Resource["id"].(string)
			if !fhirID.MatchString(id) || ids[kind+"/"+id] {
				rt.Errorf("%s has the id %q", kind, id)
			}
			ids[kind+"/"+id] = true
			if err := definition(t, kind).Validate(map[string]any(e.Resource)); err != nil {
				rt.Errorf("%s/%s: %v", kind, id, err)
			}
		}
	})
}

// TestBundleHasTheCodesThatReadersLookFor holds the codes of measures, vital signs and problems to what LOINC and the profiles say.
func TestBundleHasTheCodesThatReadersLookFor(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	for _, e := range entriesOf(t, bundleOf(t, treated(t).record())) {
		note := func(what string) { found[fmt.Sprintf("%s %s", e.Resource["resourceType"], what)]++ }
		switch e.Resource["resourceType"] {
		case "Observation":
			var codes []string
			for _, c := range e.Resource["code"].(map[string]any)["coding"].([]any) {
				codes = append(codes, at(c, "code"))
			}
			note(strings.Join(codes, "+"))
		case "Condition":
			note(at(e.Resource["clinicalStatus"].(map[string]any)["coding"].([]any)[0], "code"))
		case "QuestionnaireResponse":
			note(at(e.Resource, "questionnaire"))
			for _, item := range e.Resource["item"].([]any) {
				note(at(item, "linkId"))
			}
		case "Questionnaire":
			note(at(e.Resource, "url"))
		case "Medication":
			batch := e.Resource["batch"].(map[string]any)
			note("lot " + at(batch, "lotNumber") + " until " + at(batch, "expirationDate"))
		case "MedicationAdministration":
			note(at(e.Resource, "status"))
			for _, field := range []string{"request", "context", "effectivePeriod", "medicationCodeableConcept"} {
				if e.Resource[field] != nil {
					note(field)
				}
			}
			if dosage, told := e.Resource["dosage"].(map[string]any); told {
				note(fmt.Sprint(dosage["dose"].(map[string]any)["value"], " mg"))
			}
			for _, n := range anyOf(e.Resource["note"]) {
				note(at(n, "text"))
			}
		}
	}
	for _, want := range []string{"Observation 2708-6+59408-5", "Observation 85354-9", "Observation 8867-4", "Condition active", "MedicationAdministration stopped",
		"MedicationAdministration request", "MedicationAdministration context", "MedicationAdministration effectivePeriod", "MedicationAdministration medicationCodeableConcept",
		"MedicationAdministration 28.5 mg", "Medication lot AB-12 until 2027-12-31", "MedicationAdministration 21.5 mg destroyed, seen by Sample Physician",
		"QuestionnaireResponse http://loinc.org/q/44249-1", "QuestionnaireResponse http://loinc.org/q/69737-5", "Questionnaire http://loinc.org/q/44249-1", "Questionnaire http://loinc.org/q/69737-5",
		"QuestionnaireResponse mood", "QuestionnaireResponse /44250-9", "QuestionnaireResponse /44260-8", "QuestionnaireResponse /69725-0", "QuestionnaireResponse /69736-7"} {
		if found[want] == 0 {
			t.Errorf("the bundle has no %s: %v", want, found)
		}
	}
}

// anyOf gives a list of the bundle, empty where there is none.
func anyOf(list any) []any {
	out, _ := list.([]any)
	return out
}
