package money

import (
	"fmt"
	"strings"
)

// Words says how a plan pays: "package of 6, consult included, and 2 single infusions".
func (o PlanOffer) Words() string {
	if o.Package == PackageNone {
		return fmt.Sprintf("the consult and %s", infusionWords(o.Singles, "single infusion"))
	}
	words := fmt.Sprintf("package of %d, consult included", PackageInfusions(o.Package))
	if o.Singles > 0 {
		words += ", and " + infusionWords(o.Singles, "single infusion")
	}
	return words
}

// UnusedWords says how many infusions of the package the plan leaves over; empty for none.
func (o PlanOffer) UnusedWords() string {
	if o.Unused == 0 {
		return ""
	}
	return infusionWords(o.Unused, "infusion") + " left over"
}

func infusionWords(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// RefundRuleWords says how a refund policy counts what was used.
func RefundRuleWords(rule string) string {
	switch rule {
	case RefundRateCard:
		return "standard rates"
	case RefundProRata:
		return "package rates"
	case RefundFlat:
		return "equal shares of the package"
	case RefundNoneAfterStart:
		return "none once treatment has started"
	}
	return strings.ReplaceAll(rule, "_", " ")
}
