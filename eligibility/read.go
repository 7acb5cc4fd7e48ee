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
	Plan   string   // the plan's name, as the insurer writes it
	Notes  []string // what was left open, and why, for the person who reviews it
}

// response is the part that we read of an answer (CreateEligibilityCheck in Stedi's published SDK). Amounts are dollars in
// text, percentages a fraction in text.
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

// entry is one benefit; which of its fields mean something depends on the list it stands in.
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

// about says what an entry is about: psychotherapy, the plan as a whole, or something else.
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

// one gives what all chosen entries agree on; ok is false when none says it or two differ.
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

// read makes the suggestion. It takes a figure only when the insurer says it of psychotherapy (deductible and the most out of
// pocket: also of the plan), for one person, and without contradicting itself.
func (r response) read() (a Answer) {
	a.Fields.Result, a.Fields.Source, a.Fields.Network = care.CoverageUnknown, "api", "unknown"
	if len(r.Errors) > 0 {
		a.note("The insurer did not answer about this client (code " + r.Errors[0].Code + "). Compare name, date of birth and member id with the card, or call.")
		return a
	}
	p, ok := r.plan()
	if !ok {
		a.note("The insurer named no plan, or several, with cover for mental health. Call and ask which.")
		if r.over() {
			a.Fields.Result, a.Notes = care.CoverageDoesNotPay, []string{"The insurer says that the cover is inactive."}
		}
		return a
	}
	a.Plan = p.Name
	switch p.status() {
	case active:
		a.Fields.Result = care.CoveragePays
	case inactive:
		a.Fields.Result = care.CoverageDoesNotPay
		a.note("The insurer says that mental health is not covered, or no longer.")
		return a
	default:
		a.note("Whether mental health is covered is not said plainly.")
		return a
	}
	a.figures(p)
	a.note("Whether your clinicians are in the insurer's network is not said. Carve-outs and authorisations are often missing here.")
	return a
}

func (a *Answer) note(text string) { a.Notes = append(a.Notes, text) }

const (
	active   = "active"
	inactive = "inactive"
)

// status is what a plan says of psychotherapy: active or inactive, or "" when it does not say, or says both.
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

// plan is the one plan that says something of psychotherapy.
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

// over says that there are plans, and that each is inactive as a whole.
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

// figures fills in what the insurer says of psychotherapy.
func (a *Answer) figures(p plan) {
	f := &a.Fields
	ofSession := func(e entry) bool { return e.in("psychotherapy") && slices.Contains([]string{"", "VISIT"}, e.Period) }
	if copay, ok, differ := one(p.Benefits.CoPayment, ofSession, entry.cents); ok {
		f.Copay = &copay
	} else if differ {
		a.note("The insurer gives more than one co-pay, by network or service. Ask which.")
	}
	if share, ok, differ := one(p.Benefits.CoInsurance, func(e entry) bool { return e.in("psychotherapy") }, entry.basisPoints); ok {
		f.CoinsuranceBP = &share
	} else if differ {
		a.note("The insurer gives more than one co-insurance, by network or service. Ask which.")
	}
	f.DeductibleTotal, f.DeductibleMet = a.yearly("deductible", p.Benefits.Deductible)
	f.OOPTotal, f.OOPMet = a.yearly("most that is paid out of pocket", p.Benefits.OutOfPocket)
	auth, ok, _ := one(p.Benefits.Statuses, func(e entry) bool { return e.in("psychotherapy") }, func(e entry) (bool, bool) {
		return e.PriorAuth == "REQUIRED", e.PriorAuth == "REQUIRED" || e.PriorAuth == "NOT_REQUIRED"
	})
	if ok {
		f.AuthorizationNeeded = &auth
	}
}

// yearly gives a year's total and what is met of it, when the insurer says both.
func (a *Answer) yearly(what string, entries []entry) (total, met *money.Cents) {
	pick := func(periods ...string) (money.Cents, bool, bool) {
		for _, about := range []string{"psychotherapy", "plan"} { // what it says of psychotherapy counts before the plan's
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
		a.note("The insurer gives more than one " + what + ", by network or service. Ask which.")
	case yearSaid && leftSaid && left <= year:
		spent := year - left
		return &year, &spent
	case yearSaid || leftSaid:
		a.note("Of the " + what + ", total and what is left were not both said.")
	}
	return nil, nil
}
