package care

import (
	"slices"
	"time"

	"kapflow/care/person"
	"kapflow/care/wording"
)

// StartProblems gives all that keeps an infusion from starting now, whoever starts it: what the day leaves open, and every shut
// gate. The check of the start itself names the gates only when the day is in order.
func (c *Chart) StartProblems(v *Visit, now time.Time) []Problem {
	kind := KindFor[*InfusionStarted]()
	found, _ := c.inspect(kind, &InfusionStarted{Appointment: v.ID}, Meta{By: person.Actor{Role: kind.By[0]}, At: now.UTC(), Now: now.UTC()})
	out := slices.DeleteFunc(slices.Clone(found.problems), func(p Problem) bool { return p.level == atGate || p.level == atRole })
	for i := range out {
		out[i].Message = wording.WithoutRules(out[i].Message)
	}
	for _, g := range c.GatesOf(v, now) {
		if !g.Open {
			out = append(out, Problem{Code: g.refusal, Gate: g.Gate, Message: g.Reason, MustAct: g.MustAct, Since: g.Since, level: atGate})
		}
	}
	return out
}
