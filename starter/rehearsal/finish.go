package rehearsal

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/practice/coursefile"
)

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
		id, ok := p.cast.IDs()[cl.ID]
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
		if err := p.cast.Show(p.Course.EndOf(cl.ID, chart, coursefile.Field{Name: "history_events", Value: cost.Events},
			coursefile.Field{Name: "activities", Value: cost.Activities}, coursefile.Field{Name: "timers", Value: cost.Timers})); err != nil {
			return err
		}
	}
	if p.On.Providers != nil {
		if faults := p.On.Providers.Faults(); len(faults) > 0 {
			return &coursefile.Failed{File: p.Course.File, Reason: "a provider would have refused a request: " + faults[0]}
		}
	}
	end := coursefile.End{Charts: charts, Messages: p.cast.Messages(), Taken: map[person.Channel]int{}}
	if p.On.Providers != nil {
		for _, ch := range []person.Channel{person.SMS, person.Email} {
			end.Taken[ch] = p.On.Providers.Taken(ch)
		}
	}
	return p.Course.Check(end)
}
