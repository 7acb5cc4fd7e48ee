package wording_test

import (
	"testing"

	"kapflow/care/wording"
)

func TestNearestFindsWhatAMisspelledNameMeans(t *testing.T) {
	t.Parallel()
	names := []string{"labs-reviewed", "labs-resulted", "paused", "payment-received"}
	for typed, want := range map[string]string{"labs-reviwed": "labs-reviewed", "Paused": "paused", "payment-recieved": "payment-received",
		"labs-result": "labs-resulted", "xyzzy": "", "": ""} {
		if got := wording.Nearest(typed, names); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}
