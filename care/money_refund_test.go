package care_test

import (
	"testing"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
)

// TestRefundQuotes is the table in docs/postings.md#refund-rules: what comes back after the consult and a number of
// infusions.
func TestRefundQuotes(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]map[string][]money.Cents{
		money.RefundRateCard: {
			"six": {302500, 242500, 182500, 122500, 62500, 2500, 0},
			"ten": {502500, 442500, 382500, 322500, 262500, 202500, 142500, 82500, 22500, 0, 0},
		},
		money.RefundProRata:        {"six": {309203, 257669, 206135, 154601, 103067, 51533, 0}, "ten": {509652, 458686}},
		money.RefundFlat:           {"six": {302500, 252083}, "ten": {502500, 452250}},
		money.RefundNoneAfterStart: {"six": {0, 0}},
	} {
		for pkg, quotes := range want {
			for used, quote := range quotes {
				c := &care.Chart{Package: &money.PackageChoice{Package: pkg, RefundRule: rule, Consult: true, Used: used}}
				for _, share := range money.DefaultPrices().Shares(pkg)[1+used:] {
					c.Package.Deferred += share
				}
				if got := c.RefundQuote(); got != quote {
					t.Errorf("%s, package of %s, %d used: %s, want %s", rule, pkg, used, got, quote)
				}
			}
		}
	}
}

func TestRefundRuleFollowsHowTheCourseEnded(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	k.do(person.Coordinator, "payment-received", with{"fee_set": "medical", "amount": 350000, "method": "card", "key": "1"})
	k.infuse(9)
	if got := k.chart.RefundQuote(); got != 242500 {
		t.Errorf("the client stops: %s, want $2,425.00 (rate card)", got)
	}
	k.do(person.Coordinator, "deceased", with{})
	if got := k.chart.RefundQuote(); got != 257669 {
		t.Errorf("the client died: %s, want $2,576.69 (pro rata)", got)
	}
}
