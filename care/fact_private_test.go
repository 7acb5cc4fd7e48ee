package care_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kapflow/care"
)

func kindNamed(t failer, name string) care.Kind {
	t.Helper()
	k, ok := care.KindNamed(name)
	if !ok {
		t.Fatalf("no kind %s", name)
	}
	return k
}

func TestPrivateTextsBecomeReferencesAndTheRestStays(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct{ fact, in, want, fields string }{
		"Note":               {"session-completed", `{"appointment":"preparation-1","note":"cried","clarity":3}`, `{"appointment":"preparation-1","note":"ref","clarity":3}`, "note"},
		"NestedDoseInput":    {"dose-ordered", `{"dose_mg":40,"inputs":{"physical":"asthma","intent":true}}`, `{"dose_mg":40,"inputs":{"physical":"ref","intent":true}}`, "inputs.physical"},
		"NestedInAnyCase":    {"dose-ordered", `{"inputs":{"Physical":"asthma"}}`, `{"inputs":{"Physical":"ref"}}`, "inputs.physical"},
		"PhoneThatMayBeLeft": {"contact-changed", `{"phone":"+13035550142","timezone":"America/Denver"}`, `{"phone":"ref","timezone":"America/Denver"}`, "phone"},
		"RemovedPhoneStays":  {"contact-changed", `{"phone":""}`, `{"phone":""}`, ""},
		"YesAndNoStay":       {"infusion-checked-in", `{"escort":true,"identity":"No","intention":"yes","no_alcohol":false}`, `{"escort":true,"identity":"No","intention":"yes","no_alcohol":false}`, ""},
		"WordsAreHidden":     {"infusion-checked-in", `{"escort":"Bo, 555-0100"}`, `{"escort":"ref"}`, "escort"},
		"BlanksStay":         {"paused", `{"reason":"   "}`, `{"reason":"   "}`, ""},
		"BigNumbersStay":     {"payment-received", `{"amount":9007199254740993,"reference":"x"}`, `{"amount":9007199254740993,"reference":"ref"}`, "reference"},
		"NotAnObjectStays":   {"paused", `[1]`, `[1]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var fields []string
			got, err := kindNamed(t, x.fact).HidePrivate(json.RawMessage(x.in), func(field, text string) (string, error) {
				fields = append(fields, field)
				return "ref", nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(normal(t, x.want), normal(t, string(got))); diff != "" {
				t.Error(diff)
			}
			if f := strings.Join(fields, " "); f != x.fields {
				t.Errorf("hidden: %q, want %q", f, x.fields)
			}
		})
	}
}

func normal(t failer, text string) string {
	t.Helper()
	var v any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return asJSON(t, v)
}

func TestFailureToHideStopsTheReport(t *testing.T) {
	t.Parallel()
	gone := errors.New("the database is away")
	got, err := kindNamed(t, "dose-ordered").HidePrivate(json.RawMessage(`{"inputs":{"intent":"x"}}`), func(string, string) (string, error) { return "", gone })
	if !errors.Is(err, gone) || got != nil && strings.Contains(string(got), "ref") {
		t.Errorf("%s, %v", got, err)
	}
}

func TestEveryPrivateFieldIsMarked(t *testing.T) {
	t.Parallel()
	private := map[string]bool{"note": true, "reason": true, "phone": true, "email": true, "preferred_name": true, "comment": true, "intention": true, "reference": true, "summary": true, "text": true, "action": true, "escort": true}
	for _, k := range care.Vocabulary() {
		for _, f := range k.Fields() {
			if private[f.Name] && !f.Private {
				t.Errorf("%s.%s travels in the clear", k.Name, f.Name)
			}
			if f.Type == "" || f.Name == "" {
				t.Errorf("%s: a field without name or type: %+v", k.Name, f)
			}
		}
	}
}
