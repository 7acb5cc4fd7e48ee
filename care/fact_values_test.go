package care_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/person"
)

// badValues are values that no field takes, as JSON.
var badValues = map[string]string{
	"NotUTF8": "\"Zo\xeb\"", "LostLetter": `"Zo\ufffd"`, "Nul": `"a\u0000b"`, "Long": `"` + strings.Repeat("x", 20001) + `"`,
	"NegativeNumber": "-30", "Enormous": "1e300", "NullInList": `["a",null]`, "NullAmongNumbers": "[2,null,3]", "NegativeInList": "[1,-1]",
}

// TestNoFieldOfAnyFactTakesAValueThatCannotBe goes through every field of every fact that people report and every bad value.
func TestNoFieldOfAnyFactTakesAValueThatCannotBe(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, time.March, 1, 12, 0, 0, 0, time.UTC)
	for _, k := range care.Vocabulary() {
		if slices.Equal(k.By, []person.Role{person.Provider}) {
			continue // what a provider passes on is taken as it came
		}
		for _, f := range k.Fields() {
			if slices.Contains(k.Adds.Fields(), f.Name) || f.Name == "lines" {
				continue
			}
			for name, value := range badValues {
				with := json.RawMessage(fmt.Sprintf(`{%q:%s}`, f.Name, value))
				_, _, err := k.DecodeReport(with, denver, now)
				var refused *care.Refusal
				if !errors.As(err, &refused) || refused.Code != care.CodeInvalid {
					t.Errorf("%s.%s takes %s: %v", k.Name, f.Name, name, err)
				} else if field := refused.Problems[0].Field; field != f.Name {
					t.Errorf("%s.%s, %s: the refusal names %q", k.Name, f.Name, name, field)
				}
			}
			if f.Type != "time" {
				continue
			}
			for _, at := range []string{"1905-01-01 10:00", "2190-01-01 10:00", "0000-01-01", "99999-01-01 10:00"} {
				if _, _, err := k.DecodeReport(json.RawMessage(fmt.Sprintf(`{%q:%q}`, f.Name, at)), denver, now); err == nil {
					t.Errorf("%s.%s takes the time %s", k.Name, f.Name, at)
				}
			}
		}
	}
}

// TestContactIsCheckedAsAtEnrollment holds contact-changed to the checks of enrollment.
func TestContactIsCheckedAsAtEnrollment(t *testing.T) {
	t.Parallel()
	k, _ := care.KindNamed("contact-changed")
	now := time.Date(2027, time.March, 1, 12, 0, 0, 0, time.UTC)
	for field, bad := range map[string][]string{
		"phone":          {"(303) 555-0177 ext. 4", "3035550177", "+1303555017", "+0035550177", "call me"},
		"email":          {"sam at example dot org", "sam@", "@example.org", "a@b@c.org", "sam@example", "sam@exa mple.org", "sam@.org"},
		"preferred_name": {"12345", strings.Repeat("n", 121), "a\nb"},
		"pronouns":       {strings.Repeat("n", 41), "a\nb"},
		"pin":            {"12345", "1234567890123", "1111111", "123456", "987654", "12a456", "40 18 22"},
		"birth_date":     {"31.1.1990", "2090-01-01", "1850-01-01", "1990-02-30"},
	} {
		for _, text := range bad {
			_, err := k.PrivateValue(field, text, now)
			var refused *care.Refusal
			if !errors.As(err, &refused) || refused.Problems[0].Field != field || len(text) > 12 && strings.Contains(refused.Message, text) {
				t.Errorf("%s %q: %v", field, text, err)
			}
		}
	}
	if got, err := k.PrivateValue("phone", "+1 (303) 555-0142", now); err != nil || got != "+13035550142" {
		t.Errorf("%q %v", got, err)
	}
}

// TestEveryFactHasAnExampleThatCanBeRead also shows that no check panics on a chart in which nothing happened.
func TestEveryFactHasAnExampleThatCanBeRead(t *testing.T) {
	t.Parallel()
	for _, k := range care.Vocabulary() {
		if _, _, err := k.Decode(k.Example(), denver); err != nil {
			t.Errorf("%s: %s: %v", k.Name, k.Example(), err)
		}
		for _, f := range k.Fields() {
			k.Allowed(f.Name)
		}
	}
	k, _ := care.KindNamed("labs-reviewed")
	if got := k.Allowed("outcome"); !slices.Contains(got, "cleared") {
		t.Errorf("allowed outcomes: %v", got)
	}
	if got := string(k.Example()); !strings.Contains(got, `"outcome":"cleared"`) {
		t.Error(got)
	}
}

// FuzzDecodeReport: whatever a report holds, it is decoded or refused.
func FuzzDecodeReport(f *testing.F) {
	for _, seed := range []string{`{"minutes":-30}`, `{"phq9":[1,null]}`, "{\"reason\":\"\xff\"}", `{"at":"9999-12-31"}`, `{"amount":"$1,0.00"}`, `{"amount":1e400}`, `{"a":1,"a":2}`, `[`, `null`} {
		for n := range len(care.Vocabulary()) {
			f.Add(n, []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, n int, with []byte) {
		kinds := care.Vocabulary()
		k := kinds[((n%len(kinds))+len(kinds))%len(kinds)]
		_, _, err := k.DecodeReport(with, clock.Zone{}, time.Unix(1_800_000_000, 0))
		var refused *care.Refusal
		if err != nil && (!errors.As(err, &refused) || len(refused.Problems) == 0 || refused.Problems[0].Field == "") {
			t.Fatalf("%s %q: %v", k.Name, with, err)
		}
	})
}
