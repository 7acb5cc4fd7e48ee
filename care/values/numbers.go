package values

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// MostCents is more than any amount of a practice: $1,000,000.00. Beyond it an amount is a typing error.
const MostCents = 100_000_000

// Cents reads an amount of US dollars as people write it, with a dollar sign or with cents: $100, $1,250.50, 100.00. A bare
// whole number is refused, because nobody can tell whether it means dollars or cents. The result is in cents.
func Cents(text string) (int64, error) {
	bad := errors.New("write an amount of dollars such as $100.00")
	text = strings.TrimSpace(text)
	amount, minus := strings.CutPrefix(text, "-")
	amount, sign := strings.CutPrefix(strings.TrimSpace(amount), "$")
	dollars, digits, point := strings.Cut(strings.TrimSpace(amount), ".")
	if !sign && !point || point && len(digits) != 2 || !grouped(dollars) || strings.Trim(digits, "0123456789") != "" {
		return 0, bad
	}
	whole, err := strconv.ParseInt(strings.ReplaceAll(dollars, ",", ""), 10, 64)
	if err != nil || whole > MostCents/100 {
		return 0, fmt.Errorf("is too large; %w", bad)
	}
	part, _ := strconv.ParseInt("0"+digits, 10, 64)
	cents := whole*100 + part
	if minus {
		cents = -cents
	}
	return cents, nil
}

// grouped says whether a text is a whole number, with or without commas between groups of three digits.
func grouped(text string) bool {
	groups := strings.Split(text, ",")
	for i, g := range groups {
		if g == "" || strings.Trim(g, "0123456789") != "" || i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && len(g) > 3 {
			return false
		}
	}
	return true
}

// Unanswered names the items of a form that have no answer, counted from 1.
func Unanswered[A any](answers []*A, items int) (missing []int) {
	for n := range max(items, len(answers)) {
		if n >= len(answers) || answers[n] == nil {
			missing = append(missing, n+1)
		}
	}
	return missing
}
