package care

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// Codes of refusals that any fact may meet. Codes of single facts stand beside the fact.
const (
	CodeInvalid            = "invalid"
	CodeNotYourRole        = "not-your-role"
	CodeSignInAgain        = "sign-in-again"
	CodeUnknownFact        = "unknown-fact"
	CodeUnknownClient      = "unknown-client"
	CodeUnknownAppointment = "unknown-appointment"
	CodeWrongState         = "wrong-state"
	CodeCourseClosed       = "course-closed"
	CodePaused             = "paused"
	CodeOnHold             = "on-hold"
	CodeInFuture           = "in-future"
	CodeAlreadyEnrolled    = "already-enrolled"
	CodeOverlap            = "overlap"
	CodeGatesShut          = "gates-shut"
	CodeMovedOn            = "moved-on"    // the author had not seen the newest facts, and the kind asks again then
	CodeMisdirected        = "misdirected" // a report that was made for something else, or is too old
	CodeConfirm            = "confirm"     // it may be a typing error: record it again with confirmed: true if it is right
)

// level orders the checks of a fact: a refusal names everything wrong at the first level that fails.
type level int

const (
	atRole level = iota
	atShape
	atLimit
	atState
	atOverlap
	atGate
)

// Problem is one thing that is wrong with a report.
type Problem struct {
	Code    string      `json:"code"`
	Field   string      `json:"field,omitempty"`
	Gate    string      `json:"gate,omitempty"` // the shut gate's code
	Message string      `json:"message"`
	MustAct person.Role `json:"must_act,omitempty"`
	Since   time.Time   `json:"since,omitzero"` // of a shut gate
	level   level
	allowed []string // the codes of which the field must be one
	misfit  bool     // the field names something of another sort than the fact is about
}

// Refusal is why a fact was not taken in. Nothing of it was: the chart is unchanged.
type Refusal struct {
	Fact     string      `json:"fact"`
	Code     string      `json:"code"`   // stable, kebab-case: the first problem's
	Message  string      `json:"reason"` // the sentence a person reads
	MustAct  person.Role `json:"must_act,omitempty"`
	Problems []Problem   `json:"problems,omitempty"`
}

// Error gives the sentence a person reads.
func (r *Refusal) Error() string { return r.Message }

// Has says whether a code is among the refusal's: its own, one of its problems', a shut gate's, or
// gates-shut when a gate was what refused.
func (r *Refusal) Has(code string) bool {
	return r.Code == code || slices.ContainsFunc(r.Problems, func(p Problem) bool {
		return p.Code == code || p.Gate == code || p.Gate != "" && code == CodeGatesShut
	})
}

// Refuse builds a refusal with one problem.
func Refuse(fact, code, message string, mustAct person.Role) *Refusal {
	return &Refusal{Fact: fact, Code: code, Message: message, MustAct: mustAct,
		Problems: []Problem{{Code: code, Message: message, MustAct: mustAct}}}
}

// inspection collects what is wrong with one report while its fact is checked.
type inspection struct {
	fact     string
	problems []Problem

	about     string // what cannot happen, for a refusal by gates: "Infusion 1 cannot be confirmed"
	gatesShut bool   // refuse with the code gates-shut instead of the first gate's own
}

func (v *inspection) add(l level, code, field, message string, mustAct person.Role) {
	v.problems = append(v.problems, Problem{Code: code, Field: field, Message: message, MustAct: mustAct, level: l})
}

func (v *inspection) invalid(field, format string, args ...any) {
	v.add(atShape, CodeInvalid, field, field+": "+fmt.Sprintf(format, args...), "")
}

func (v *inspection) limit(code, field, format string, args ...any) {
	v.add(atLimit, code, field, fmt.Sprintf(format, args...), "")
}

func (v *inspection) state(code string, mustAct person.Role, format string, args ...any) {
	v.add(atState, code, "", fmt.Sprintf(format, args...), mustAct)
}

// stateOf is state about what one field names, so that a form can show it there and offer only what fits.
func (v *inspection) stateOf(field, code string, mustAct person.Role, format string, args ...any) {
	v.add(atState, code, field, fmt.Sprintf(format, args...), mustAct)
}

func (v *inspection) gate(g Gate) {
	v.problems = append(v.problems, Problem{Code: g.refusal, Gate: g.Gate, Message: g.Reason, MustAct: g.MustAct, Since: g.Since, level: atGate})
}

func (v *inspection) required(field string, present bool) {
	if !present {
		v.invalid(field, "is needed")
	}
}

// oneOf refuses a code that is not among those allowed.
func oneOf[C ~string](v *inspection, field string, value C, allowed ...C) {
	if slices.Contains(allowed, value) {
		return
	}
	names := make([]string, len(allowed))
	for i, code := range allowed {
		names[i] = string(code)
	}
	v.invalid(field, "must be one of %s%s", strings.Join(names, ", "), wording.DidYouMean(string(value), names))
	v.allow(names...)
}

// allow says of the problem found last which codes its field takes.
func (v *inspection) allow(codes ...string) { v.problems[len(v.problems)-1].allowed = codes }

func (v *inspection) between(field string, value, low, high int) {
	if value < low || value > high {
		v.invalid(field, "must be between %d and %d", low, high)
	}
}

// cents refuses an amount that is negative or beyond reason.
func (v *inspection) cents(field string, value money.Cents) {
	if value < 0 || value > money.MostCents {
		v.invalid(field, "must be between $0.00 and %s", money.MostCents)
	}
}

// amount is cents for money that changes hands.
func (v *inspection) amount(field string, value money.Cents) {
	if value <= 0 || value > money.MostCents {
		v.invalid(field, "must be more than $0.00, and at most %s", money.MostCents)
	}
}

// failed says whether anything up to and including a level is wrong, so that later checks may rely on
// what earlier ones established.
func (v *inspection) failed(upTo level) bool {
	return slices.ContainsFunc(v.problems, func(p Problem) bool { return p.level <= upTo })
}

// refusal sums up the first level that failed; nil when nothing did.
func (v *inspection) refusal() error {
	if len(v.problems) == 0 {
		return nil
	}
	first := slices.MinFunc(v.problems, func(a, b Problem) int { return int(a.level) - int(b.level) }).level
	r := &Refusal{Fact: v.fact}
	var parts []string
	for _, p := range v.problems {
		if p.level != first {
			continue
		}
		p.Message = wording.WithoutRules(p.Message)
		r.Problems = append(r.Problems, p)
		part := p.Message
		if first == atGate && p.MustAct != "" {
			part += " (" + string(p.MustAct) + ")"
		}
		parts = append(parts, part)
		if r.MustAct == "" {
			r.MustAct = p.MustAct
		}
	}
	r.Code = r.Problems[0].Code
	r.Message = strings.Join(parts, "; ")
	if first == atGate {
		if v.gatesShut {
			r.Code = CodeGatesShut
		}
		r.Message = v.about + ": " + strings.Join(parts, ", ")
	}
	return r
}
