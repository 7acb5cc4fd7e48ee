package care_test

import (
	"testing"

	"kapflow/care"
	"kapflow/care/person"
)

// TestWhatThingsAreAboutIsSaidAsPeopleDo: ids of visits become names, and what has a number that only programs know has none.
func TestWhatThingsAreAboutIsSaidAsPeopleDo(t *testing.T) {
	t.Parallel()
	for about, want := range map[string]string{
		"infusion-12": "infusion 12", "check-in-3": "check-in 3", "check-in-2-72h": "check-in 72 hours after infusion 2", "check-in-6-30d": "check-in 30 days after infusion 6", "remind/infusion-1/v2/1d": "infusion 1", "sms": "text message", "email": "email",
		care.GateSpacing: "days between infusions", "reply-71": "", "alert-2": "", "temporal": "", "": "", "k-1": "k-1", "refund-2": "refund 2", "heart-disease": "heart disease",
	} {
		if got := care.NameOf(about); got != want {
			t.Errorf("%q is called %q, want %q", about, got, want)
		}
	}
}

// TestRefundsWithoutAKeyAreRefundsOfTheirOwn: nobody at a front desk makes a number up, and a name that somebody gave stays free of them.
func TestRefundsWithoutAKeyAreRefundsOfTheirOwn(t *testing.T) {
	t.Parallel()
	k := allReady(t)
	k.do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 350000, "method": "card"})
	k.do(person.Coordinator, "refund-approved", with{"amount": 100, "reason": "ref:1", "key": "refund-2"})
	for range 2 {
		k.do(person.Coordinator, "refund-approved", with{"amount": 200, "reason": "ref:1"})
	}
	keys := map[string]bool{}
	for _, r := range k.chart.Account.Refunds {
		keys[r.Key] = true
	}
	if len(keys) != 3 || !keys["refund-2"] || keys[""] {
		t.Errorf("the refunds are called %v", keys)
	}
}
