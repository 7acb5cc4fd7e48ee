package published_test

import (
	"fmt"
	"testing"

	"kapflow/devstack/published"
)

// asked records how a test was ended.
type asked struct{ failed, skipped string }

func (*asked) Helper()                     {}
func (a *asked) Fatalf(f string, v ...any) { a.failed = fmt.Sprintf(f, v...) }
func (a *asked) Skipf(f string, v ...any)  { a.skipped = fmt.Sprintf(f, v...) }

func TestWhatIsNotFetchedFailsUnderCIAndIsLeftOutElsewhere(t *testing.T) {
	for ci, want := range map[string]asked{
		"true": {failed: "nothing.json is not fetched; run make setup"},
		"":     {skipped: "nothing.json is not fetched, so this was not tested; run make setup"},
	} {
		t.Setenv("CI", ci)
		var got asked
		published.File(&got, "nothing.json")
		if got.failed != "" {
			got.skipped = "" // a real Fatalf does not return
		}
		if got != want {
			t.Errorf("CI=%q: %+v", ci, got)
		}
	}
}
