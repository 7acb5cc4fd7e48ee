package coursefile

import (
	"maps"
	"slices"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
)

// End is how a course ended, by the clients' names in the file.
type End struct {
	Charts   map[string]*care.Chart
	Messages map[string]int         // that reached the client
	Taken    map[person.Channel]int // that a channel's provider accepted
}

// Check compares the end with the file's expectations, always in the same order. The error is a *Failed for the first that
// is not met.
func (c *Course) Check(end End) error {
	e, charts := c.Expect, end.Charts
	fail := func(path, format string, args ...any) error {
		return c.failed(e.lines[path], format, args...)
	}
	for _, name := range sorted(e.Stage) {
		if chart := charts[name]; chart == nil || string(chart.Stage()) != e.Stage[name] {
			return fail(".stage."+name, "%s ends in stage %s, not %s", name, stageOf(chart), e.Stage[name])
		}
	}
	for _, name := range sorted(e.Messages) {
		if want := e.Messages[name].Count; want != nil && end.Messages[name] != *want {
			return fail(".messages."+name+".count", "%s got %d messages, not %d", name, end.Messages[name], *want)
		}
	}
	for _, name := range sorted(e.Gates) {
		for _, gate := range sorted(e.Gates[name]) {
			got := c.gateState(charts[name], gate)
			if got != e.Gates[name][gate] {
				return fail(".gates."+name+"."+gate, "gate %s of %s is %s, not %s", gate, name, got, e.Gates[name][gate])
			}
		}
	}
	for _, name := range sorted(e.Balance) {
		for _, set := range sorted(e.Balance[name]) {
			if got := charts[name].Balance(money.FeeSet(set)); int64(got) != e.Balance[name][set] {
				return fail(".balance."+name+"."+set, "%s owes %d cents (%s), not %d", name, got, set, e.Balance[name][set])
			}
		}
	}
	for _, name := range sorted(e.Visits) {
		for _, id := range sorted(e.Visits[name]) {
			got := notBooked
			if v := charts[name].Visit(id); v != nil {
				got = string(v.Status)
			}
			if got != e.Visits[name][id] {
				return fail(".visits."+name+"."+id, "%s of %s is %s, not %s", id, name, got, e.Visits[name][id])
			}
		}
	}
	for _, name := range sorted(e.Tasks) {
		for _, task := range sorted(e.Tasks[name]) {
			if got := c.taskState(charts[name], task); got != e.Tasks[name][task] {
				return fail(".tasks."+name+"."+task, "task %s of %s is %s, not %s", task, name, got, e.Tasks[name][task])
			}
		}
	}
	for _, ch := range sorted(e.Taken) {
		if got := end.Taken[person.Channel(ch)]; got != e.Taken[ch] {
			return fail(".taken."+ch, "the provider of %s accepted %d messages, not %d", ch, got, e.Taken[ch])
		}
	}
	return nil
}

// notBooked is the expected status of a visit that must not exist.
const notBooked = "not booked"

// taskState says whether a task of this name is open at the end, whatever visit it is about.
func (c *Course) taskState(chart *care.Chart, task string) string {
	if chart != nil && slices.ContainsFunc(chart.Tasks(c.Until), func(t care.Task) bool { return t.Task == task }) {
		return "open"
	}
	return "none"
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func stageOf(chart *care.Chart) string {
	if chart == nil {
		return "not enrolled"
	}
	return string(chart.Stage())
}

func (c *Course) gateState(chart *care.Chart, gate string) string {
	if chart == nil {
		return "unknown"
	}
	for _, g := range chart.Gates(c.Until) {
		if g.Gate == gate && g.Open {
			return "open"
		} else if g.Gate == gate {
			return "shut"
		}
	}
	return "unknown"
}
