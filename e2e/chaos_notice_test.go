package e2e_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"kapflow/care/message"
)

// The checks of the chaos drill notice each thing that they are for, and only that.
func TestChaosChecksNoticeWhatWentWrong(t *testing.T) {
	t.Parallel()
	fresh := func() chaosOutcome {
		return chaosOutcome{Stage: "active", Visits: []string{"infusion-1 fulfilled"}, Facts: []string{"a by nurse", "b by nurse"}, Ledger: []string{"tx"},
			Deliveries: map[string]message.State{"booked/x": message.StateDelivered}, Sent: map[string]int{"text": 1}, ids: map[string]int{"sms 1": 1}}
	}
	for name, c := range map[string]struct {
		change func(*chaosOutcome)
		says   string // empty: no fault
	}{
		"nothing":                     {func(*chaosOutcome) {}, ""},
		"one delivery taken twice":    {func(o *chaosOutcome) { o.ids["sms 1"] = 2 }, "doubled"},
		"one text twice":              {func(o *chaosOutcome) { o.Sent["text"] = 2 }, "doubled"},
		"a fact lost":                 {func(o *chaosOutcome) { o.Facts = o.Facts[:1] }, "facts of people"},
		"a fact doubled":              {func(o *chaosOutcome) { o.Facts = append(o.Facts, o.Facts[0]) }, "facts of people"},
		"a payment doubled":           {func(o *chaosOutcome) { o.Ledger = append(o.Ledger, "tx") }, "postings"},
		"a gate shut":                 {func(o *chaosOutcome) { o.shut = []string{"labs"} }, "gate shut"},
		"a delivery missing":          {func(o *chaosOutcome) { clear(o.Deliveries) }, "is \"\""},
		"another stage":               {func(o *chaosOutcome) { o.Stage = "closed" }, "stage"},
		"another visit":               {func(o *chaosOutcome) { o.Visits = nil }, "visits"},
		"a delivery of its own":       {func(o *chaosOutcome) { o.Deliveries["booked/y"] = message.StateSent }, "does not have"},
		"a killed send that is known": {func(o *chaosOutcome) { o.Deliveries["booked/x"] = message.StateUnknown; clear(o.Sent) }, ""},
		"a mail after a killed send": {func(o *chaosOutcome) {
			o.Deliveries["booked/x"], o.Deliveries["booked/x/instead"] = message.StateUnknown, message.StateDelivered
			o.Sent["mail"], o.ids["email 2"] = 1, 1
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := fresh()
			got.Deliveries, got.Sent = maps.Clone(got.Deliveries), maps.Clone(got.Sent)
			c.change(&got)
			faults := chaosFaults(fresh(), got)
			if c.says == "" && len(faults) > 0 || c.says != "" && !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, c.says) }) {
				t.Errorf("faults %q, want one that says %q", faults, c.says)
			}
		})
	}
}
