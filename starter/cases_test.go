package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryCaseHolds plays cases through the real journey, as rehearse does. A case is a short course in which something
// went wrong once, here or in other people's systems; practice-*.yaml are practice files that cases use.
func TestEveryCaseHolds(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../practice/cases/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		if strings.HasPrefix(name, "practice-") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			leaveToMemory(t, file)
			var out bytes.Buffer
			err := rehearseCommand{JSON: true}.play(terminal{ctx: t.Context(), out: &out, err: &bytes.Buffer{}}, servers, file)
			if err != nil {
				t.Fatalf("%v\n%s", err, lastLines(out.String(), 8))
			}
			checkFormat(t, out.String())
		})
	}
}
