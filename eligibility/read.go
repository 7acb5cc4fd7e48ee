package eligibility

import (
	"slices"
	"strconv"
	"strings"

	"kapflow/care"
	"kapflow/care/money"
)

// Answer is what an insurer said, as a suggestion for the coverage draft.
type Answer struct {
	Fields care.CoverageFields
	Plan   string   // the plan's name as the insurer writes it
	Notes  []string // open questions for the person who reviews the draft
}

// response is the part of an answer that we read (CreateEligibilityCheck in Stedi's published SDK). Amounts are dollars
// as text, percentages are fractions as text.
type response struct {
	Plans  []plan `json:"plans"`
	Errors []struct {
		Code string `json:"code"`
	} `json:"errors"`
}

type plan struct {
	Name     string `json:"name"`
	Benefits struct {
		Statuses    []entry `json:"statuses"`
		CoPayment   []entry `json:"coPayment"`
		CoInsurance []entry `json:"coInsurance"`
		Deductible  []entry `json:"deductible"`
		OutOfPocket []entry `json:"outOfPocket"`
		NonCovered  []entry `json:"nonCovered"`
	} `json:"benefits"`
}

// entry is one benefit. The list that it is in determines which fields have a meaning.
type entry struct {
	Status    string  `json:"status"`
	Amount    string  `json:"amount"`
	Percent   string  `json:"percent"`
	Period    string  `json:"timePeriod"`
	Level     string  `json:"coverageLevel"`
	PriorAuth string  `json:"priorAuthIndicator"`
	Service   service `json:"service"`
	Network   struct {
		Indicator string `json:"indicator"`
	} `json:"network"`
}

type service struct {
	System string `json:"system,omitempty"`
	Value  string `json:"value,omitempty"`
}

// about gives what an entry is about: psychotherapy, the plan as a whole, or something else.
func (e entry) about() string {
	switch s := e.Service; {
	case s.System == "STC" && slices.Contains([]string{"MH", "A6", "CF"}, s.Value), // mental health; psychotherapy; its outpatient providers
		s.System == "CPT" && slices.Contains([]string{"90791", "90834", "90837"}, s.Value):
		return "psychotherapy"
	case s == (service{}) || s.System == "STC" && s.Value == "30":
		return "plan"
	}
	return ""
}

func (e entry) in(abouts ...string) bool { return slices.Contains(abouts, e.about()) }

// one gives the value that all chosen entries agree on. Ok is false if no entry has a value or two differ.
func one[V comparable](entries []entry, chosen func(entry) bool, value func(entry) (V, bool)) (got V, ok bool, differ bool) {
	for _, e := range entries {
		v, said := value(e)
		if !said || !chosen(e) {
			continue
		}
		if ok && v != got {
			return got, false, true
		}
		got, ok = v, true
	}
	return got, ok, false
}

func (e entry) cents() (money.Cents, bool) {
	dollars, err := strconv.ParseFloat(strings.NewReplacer("$", "", ",", "").Replace(e.Amount), 64)
	if err != nil || dollars < 0 || dollars > 1_000_000 {
		return 0, false
	}
	return money.Cents(dollars*100 + 0.5), true
}

func (e entry) basisPoints() (int, bool) {
	share, err := strconv.ParseFloat(e.Percent, 64)
	if err != nil || share < 0 || share > 1 {
		return 0, false
	}
	return int(share*10000 + 0.5), true
}

// read makes the suggestion. It takes an amount only if the insurer gives it for psychotherapy, for one person, and
// without contradiction. For the deductible and the out-of-pocket maximum it also takes the plan's amount.
func (r response) read() (a Answer) {
	a.Fields.Result, a.Fields.Source, a.Fields.Network = care.CoverageUnknown, "api", "unknown"
	if len(r.Errors) > 0 {
		a.note("The insurer did not answer about this client (code " + r.Errors[0].Code + "). Compare name, date of birth and member ID with the card, or call the insurer.")
		return a
	}
	p, ok := r.plan()
	if !ok {
		a.note("The insurer named no plan, or several plans, for mental health. Call and ask which one applies.")
		if r.over() {
			a.Fields.Result, a.Notes = care.CoverageDoesNotPay, []string{"The insurer says that the coverage is inactive."}
		}
		return a
	}
	a.Plan = p.Name
	switch p.status() {
	case active:
		a.Fields.Result = care.CoveragePays
	case inactive:
		a.Fields.Result = care.CoverageDoesNotPay
		a.note("The insurer says that mental health is not covered.")
		return a
	default:
		a.note("The answer does not say clearly whether mental health is covered.")
		return a
	}
	a.figures(p)
	a.note("The answer does not say whether your clinicians are in network. Carve-outs and authorizations are often missing too.")
	return a
}

func (a *Answer) note(text string) { a.Notes = append(a.Notes, text) }

const (
	active   = "active"
	inactive = "inactive"
)

// status gives what a plan says about psychotherapy: active, inactive, or "" if it says neither or both.
func (p plan) status() string {
	var said []string
	for _, e := range p.Benefits.Statuses {
		if e.in("psychotherapy") {
			said = append(said, e.Status)
		}
	}
	refused := slices.ContainsFunc(p.Benefits.NonCovered, func(e entry) bool { return e.in("psychotherapy") })
	switch {
	case len(said) == 0 && refused:
		return inactive
	case len(said) == 0 || refused:
		return ""
	case !slices.ContainsFunc(said, func(s string) bool { return s != "ACTIVE_COVERAGE" }):
		return active
	case !slices.ContainsFunc(said, func(s string) bool { return s != "INACTIVE" }):
		return inactive
	}
	return ""
}

// plan gives the one plan that covers psychotherapy or excludes it.
func (r response) plan() (found plan, ok bool) {
	for _, p := range r.Plans {
		speaks := func(e entry) bool { return e.in("psychotherapy") }
		if !slices.ContainsFunc(p.Benefits.Statuses, speaks) && !slices.ContainsFunc(p.Benefits.NonCovered, speaks) {
			continue
		}
		if ok {
			return found, false
		}
		found, ok = p, true
	}
	return found, ok
}

// over reports whether there are plans and all of them are inactive.
func (r response) over() bool {
	said := 0
	for _, p := range r.Plans {
		for _, e := range p.Benefits.Statuses {
			if e.Status != "INACTIVE" {
				return false
			}
			said++
		}
	}
	return said > 0
}

// years are the periods for which a yearly total is given.
var years = []string{"", "CALENDAR_YEAR", "SERVICE_YEAR", "YEARS", "CONTRACT"}

// figures fills in the amounts that the insurer gives for psychotherapy.
func (a *Answer) figures(p plan) {
	f := &a.Fields
	ofSession := func(e entry) bool { return e.in("psychotherapy") && slices.Contains([]string{"", "VISIT"}, e.Period) }
	if copay, ok, differ := one(p.Benefits.CoPayment, ofSession, entry.cents); ok {
		f.Copay = &copay
	} else if differ {
		a.note("The insurer gives more than one copay, by network or service. Ask which one applies.")
	}
	if share, ok, differ := one(p.Benefits.CoInsurance, func(e entry) bool { return e.in("psychotherapy") }, entry.basisPoints); ok {
		f.CoinsuranceBP = &share
	} else if differ {
		a.note("The insurer gives more than one coinsurance, by network or service. Ask which one applies.")
	}
	f.DeductibleTotal, f.DeductibleMet = a.yearly("deductible", p.Benefits.Deductible)
	f.OOPTotal, f.OOPMet = a.yearly("out-of-pocket maximum", p.Benefits.OutOfPocket)
	auth, ok, _ := one(p.Benefits.Statuses, func(e entry) bool { return e.in("psychotherapy") }, func(e entry) (bool, bool) {
		return e.PriorAuth == "REQUIRED", e.PriorAuth == "REQUIRED" || e.PriorAuth == "NOT_REQUIRED"
	})
	if ok {
		f.AuthorizationNeeded = &auth
	}
}

// yearly gives a year's total and the part that is met, if the insurer gives both.
func (a *Answer) yearly(what string, entries []entry) (total, met *money.Cents) {
	pick := func(periods ...string) (money.Cents, bool, bool) {
		for _, about := range []string{"psychotherapy", "plan"} { // amounts for psychotherapy take precedence
			v, ok, differ := one(entries, func(e entry) bool {
				return e.in(about) && (e.Level == "INDIVIDUAL" || e.Level == "EMPLOYEE_ONLY") && slices.Contains(periods, e.Period)
			}, entry.cents)
			if ok || differ {
				return v, ok, differ
			}
		}
		return 0, false, false
	}
	year, yearSaid, differ := pick(years...)
	left, leftSaid, leftDiffer := pick("REMAINING")
	switch {
	case differ || leftDiffer:
		a.note("The insurer gives more than one " + what + ", by network or service. Ask which one applies.")
	case yearSaid && leftSaid && left <= year:
		spent := year - left
		return &year, &spent
	case yearSaid || leftSaid:
		a.note("The answer does not give both the total and the rest of the " + what + ".")
	}
	return nil, nil
}
