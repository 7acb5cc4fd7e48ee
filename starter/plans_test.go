package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestPlansShowTheCheapestFirstAndWhatComesBack(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := (plansCommand{Infusions: 9}).Run(terminal{ctx: t.Context(), out: &out}); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{"$5,300.00  package of 6, consult included, and 3 single infusions", "$5,500.00  package of 10, consult included", "1 infusion left over",
		"standard rates", "3               $1,225.00", "$25.00", "-", "never insured"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Index(text, "$5,300.00") > strings.Index(text, "$5,875.00") {
		t.Error("the cheapest does not come first")
	}
	out.Reset()
	if err := (plansCommand{Infusions: 3, JSON: true, Practice: "../practice/strict.yaml"}).Run(terminal{ctx: t.Context(), out: &out}); err != nil {
		t.Fatal(err)
	}
	var talk planTalk
	if err := json.Unmarshal(out.Bytes(), &talk); err != nil || talk.Plans[0].Total != 227500 || talk.Refunds["ten"][9] != 0 || talk.Refunds["six"][3] != 122500 {
		t.Errorf("%v: %s", err, out.String())
	}
	for _, n := range []int{0, 61} {
		if err := (plansCommand{Infusions: n}).Run(terminal{ctx: t.Context(), out: &out}); exitCode(err) != exitUsage {
			t.Errorf("%d infusions: %v", n, err)
		}
	}
}
