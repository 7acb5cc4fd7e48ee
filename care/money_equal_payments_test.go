package care_test

import (
	"testing"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
)

// TestEqualPaymentsAreTwoOrAreAskedAbout: the same amount twice on one day is never one payment in silence. An insurer pays several
// sessions with equal amounts, so its payments are two; a client's second one is asked about.
func TestEqualPaymentsAreTwoOrAreAskedAbout(t *testing.T) {
	t.Parallel()
	for _, keys := range [][2]string{{"", ""}, {"eob-1", "eob-2"}, {"eob-1", ""}} {
		k := insured(t, with{"result": "pays", "copay": 3000})
		pay := func(method, key string, confirmed bool) with {
			w := with{"fee_set": "psychotherapy", "method": method, "amount": 11000, "confirmed": confirmed}
			if key != "" {
				w["key"] = key
			}
			return w
		}
		k.do(person.Coordinator, "payment-received", pay("insurer", keys[0], false))
		k.do(person.Coordinator, "payment-received", pay("insurer", keys[1], false))
		if n := len(k.chart.Account.Payments); n != 2 {
			t.Errorf("insurer, keys %q: %d payments", keys, n)
		}
		if cash := net(k.postings)["psychotherapy:cash"]; cash != 2*11000 {
			t.Errorf("insurer, keys %q: cash %s", keys, cash)
		}
		k.do(person.Coordinator, "payment-received", pay("card", "", false))
		k.refused(care.CodeConfirm, person.Coordinator, "payment-received", pay("card", "", false))
		k.do(person.Coordinator, "payment-received", pay("card", "", true))
		if paid := k.chart.Account.Paid[money.Psychotherapies]; paid != 2*11000 {
			t.Errorf("the client paid %s", paid)
		}
	}
}
