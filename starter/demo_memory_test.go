package main

import (
	"strings"
	"testing"

	"kapflow/devstack"
)

// TestThereIsACourseToReadWhileTheServerIsBuilt: a machine without the embedded Temporal server shows a whole course before the build. The
// course checks itself that it went as its file says.
func TestThereIsACourseToReadWhileTheServerIsBuilt(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	var out strings.Builder
	if err := tellMeanwhile(terminal{ctx: t.Context(), out: &out}, devstack.Options{TemporalAddress: "localhost:7233"}); err != nil || out.Len() > 0 {
		t.Errorf("with a server that runs it says %q, %v", out.String(), err)
	}
	if err := tellMeanwhile(terminal{ctx: t.Context(), out: &out}, devstack.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"built first", "▸ Enrolled", "▸ Infusion series", "▸ Completed"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "Overdue") {
		t.Errorf("it leaves paperwork open, unlike the course on the servers:\n%s", out.String())
	}
}
