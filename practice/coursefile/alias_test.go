package coursefile_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kapflow/practice"
	"kapflow/practice/coursefile"
)

// TestAFileThatRepeatsItselfIsRefused: an alias of YAML may repeat values, but not without end.
func TestAFileThatRepeatsItselfIsRefused(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, time.January, 10, 16, 0, 0, 0, time.UTC)
	prac, err := practice.Sample(now)
	if err != nil {
		t.Fatal(err)
	}
	course := func(with string) string {
		return "clients:\n  - {id: ana, presenting: [anxiety]}\nsteps:\n  - {at: d1 10:00, by: psychotherapist, record: screening-recorded, with: " + with + "}\n"
	}
	bomb := "{a0: &a0 [x, x, x, x, x, x, x, x, x, x]"
	for n := range 9 {
		bomb += fmt.Sprintf(", a%d: &a%d [%s]", n+1, n+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", n), 10), ", "))
	}
	for name, body := range map[string]string{"a bomb": course(bomb + "}"), "a ring": course("&me {a: [*me]}")} {
		began := time.Now()
		_, err := coursefile.Parse("course", []byte(body), prac.Zone, prac.Policy, now)
		fault := new(coursefile.FileError)
		if !errors.As(err, &fault) || fault.Line != 4 || !strings.Contains(fault.Reason, "too many values") {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
	if _, err := coursefile.Parse("course", []byte(course("&fields {criteria_met: true}")), prac.Zone, prac.Policy, now); err != nil {
		t.Errorf("an ordinary anchor: %v", err)
	}
}
