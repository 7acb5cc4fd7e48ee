package access

import (
	"slices"
	"time"

	"kapflow/care/person"
)

// Part is a sort of content that stands on pages for some roles and not for others.
type Part string

// The parts. Private texts are none of them: care's vocabulary says who reads each (Kind.Readable).
const (
	Names    Part = "names"    // of clients, and how they are reached; without it there is the client's code
	Clinical Part = "clinical" // stages, gates, visits, messages: everything about the treatment but scores
	Scores   Part = "scores"   // of PHQ-9 and GAD-7, and the mood
	Money    Part = "money"    // amounts, and what was done about them
)

// Parts lists the parts in the order of the table.
func Parts() []Part { return []Part{Names, Clinical, Scores, Money} }

// parts is the one table of which roles see which part.
var parts = map[Part][]person.Role{
	Names:    {coordinator, psych, physician, nurse},
	Clinical: {coordinator, psych, physician, nurse},
	Scores:   {psych, physician, nurse},
	Money:    {coordinator, psych, physician, accountant, owner},
}

// opensInEmergency are the parts that emergency access opens: those of the record and the board, which it opens too.
var opensInEmergency = []Part{Names, Clinical}

// Sees says whether a person sees a part of a page: in any of their roles, or by emergency access that lasts now.
func (p Person) Sees(part Part, now time.Time) bool {
	if _, open := p.Emergency(now); open && slices.Contains(opensInEmergency, part) {
		return true
	}
	_, ok := p.ActsAs(parts[part])
	return ok
}

// May says whether a person may do something, as far as their roles decide. It only helps to leave out links that lead to a
// refusal: the desk asks again.
func (p Person) May(action Action, now time.Time) bool {
	rule := RuleOf(action)
	rule.Grave = false
	_, refusal := rule.Check(p, action, now)
	return refusal == nil
}
