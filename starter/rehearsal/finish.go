package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	enumspb "go.temporal.io/api/enums/v1"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
)

// overlay sets the fields of a client that an enrollment step gives.
func overlay(with json.RawMessage, cl *CourseClient) error {
	if len(with) == 0 {
		return nil
	}
	return json.Unmarshal(with, cl)
}

// Cost is what a journey used of Temporal, over all its runs. Events that only exist in virtual time are not counted.
type Cost struct {
	Events     int
	Bytes      int
	Activities int
	Timers     int
}

// CostOf reads a journey's histories and counts them.
func CostOf(ctx context.Context, on *Environment, workflowID string) (Cost, error) {
	var cost Cost
	run := ""
	for {
		next, first := "", ""
		it := on.TemporalClient.GetWorkflowHistory(ctx, workflowID, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for it.HasNext() {
			event, err := it.Next()
			if err != nil {
				return cost, fmt.Errorf("read history: %w", err)
			}
			switch event.GetEventType() {
			case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED:
				continue
			case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
				first = event.GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
			case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
				cost.Activities++
			case enumspb.EVENT_TYPE_TIMER_STARTED:
				cost.Timers++
			}
			cost.Events++
			cost.Bytes += event.Size()
		}
		if next = first; next == "" {
			return cost, nil
		}
		run = next
	}
}

// finish shows how each client ended, and checks what the file expects.
func (p *Player) finish(ctx context.Context) error {
	charts := map[string]*care.Chart{}
	for _, cl := range p.Course.Clients {
		id, ok := p.ids[cl.ID]
		if !ok {
			continue
		}
		chart, err := p.On.Desk.Store.Chart(ctx, id)
		if err != nil {
			return fmt.Errorf("read chart: %w", err)
		}
		charts[cl.ID] = chart
		cost, err := CostOf(ctx, p.On, id)
		if err != nil {
			return err
		}
		if err := p.show(Line{At: p.Course.Until, Client: cl.ID, Type: "end", Fields: []Field{{"stage", chart.Stage()},
			{"history_events", cost.Events}, {"activities", cost.Activities}, {"timers", cost.Timers},
			{"balance", map[string]money.Cents{"medical": chart.Balance(money.Medical), "psychotherapy": chart.Balance(money.Psychotherapies)}}}}); err != nil {
			return err
		}
	}
	if p.On.Providers != nil {
		if faults := p.On.Providers.Faults(); len(faults) > 0 {
			return &Failed{File: p.Course.File, Reason: "a provider would have refused a request: " + faults[0]}
		}
	}
	return p.check(charts)
}

// check compares the end with the file's expectations, always in the same order.
func (p *Player) check(charts map[string]*care.Chart) error {
	e := p.Course.Expect
	fail := func(path, format string, args ...any) error {
		return &Failed{File: p.Course.File, Line: e.lines[path], Reason: fmt.Sprintf(format, args...)}
	}
	for _, name := range sorted(e.Stage) {
		if chart := charts[name]; chart == nil || string(chart.Stage()) != e.Stage[name] {
			return fail(".stage."+name, "%s ends in stage %s, not %s", name, stageOf(chart), e.Stage[name])
		}
	}
	for _, name := range sorted(e.Messages) {
		if want := e.Messages[name].Count; want != nil && len(p.sent[name]) != *want {
			return fail(".messages."+name+".count", "%s got %d messages, not %d", name, len(p.sent[name]), *want)
		}
	}
	for _, name := range sorted(e.Gates) {
		for _, gate := range sorted(e.Gates[name]) {
			got := gateState(charts[name], gate, p)
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
			if got := p.taskState(charts[name], task); got != e.Tasks[name][task] {
				return fail(".tasks."+name+"."+task, "task %s of %s is %s, not %s", task, name, got, e.Tasks[name][task])
			}
		}
	}
	for _, ch := range sorted(e.Taken) {
		got := 0
		if p.On.Providers != nil {
			got = p.On.Providers.Taken(person.Channel(ch))
		}
		if got != e.Taken[ch] {
			return fail(".taken."+ch, "the provider of %s accepted %d messages, not %d", ch, got, e.Taken[ch])
		}
	}
	return nil
}

// notBooked is the expected status of a visit that must not exist.
const notBooked = "not booked"

// taskState says whether a task of this name is open at the end, whatever visit it is about.
func (p *Player) taskState(chart *care.Chart, task string) string {
	if chart != nil && slices.ContainsFunc(chart.Tasks(p.Course.Until), func(t care.Task) bool { return t.Task == task }) {
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

func gateState(chart *care.Chart, gate string, p *Player) string {
	if chart == nil {
		return "unknown"
	}
	for _, g := range chart.Gates(p.Course.Until) {
		if g.Gate == gate && g.Open {
			return "open"
		} else if g.Gate == gate {
			return "shut"
		}
	}
	return "unknown"
}
