package main

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"kapflow/workflows"
)

type linksCommand struct {
	UI string `help:"Address of the Temporal UI. Default: the running demo's." env:"KAPFLOW_TEMPORAL_UI"`
}

// Run prints links to saved views. Opening a link creates the view in the browser.
func (c linksCommand) Run(t terminal) error {
	if c.UI == "" {
		demo, err := runningDemo()
		if err != nil {
			return usageError{fmt.Errorf("give --ui the address of the Temporal UI: %w", err)}
		}
		c.UI = demo.UI
	}
	for _, v := range savedViews(time.Now()) {
		fmt.Fprintf(t.out, "%-26s %s\n", v.name, v.link(c.UI))
	}
	return nil
}

// savedView is one list of clients that a coordinator opens in the Temporal UI.
type savedView struct{ name, query string }

func (v savedView) link(ui string) string {
	q := url.Values{"query": {v.query}, "savedQuery": {v.name}}
	return strings.TrimSuffix(ui, "/") + "/namespaces/default/workflows?" + q.Encode()
}

// savedViews are the lists that a coordinator needs most.
func savedViews(now time.Time) []savedView {
	running := ` AND ExecutionStatus="Running"`
	friday := now
	for friday.Weekday() != time.Saturday {
		friday = friday.AddDate(0, 0, 1)
	}
	midnight := time.Date(friday.Year(), friday.Month(), friday.Day(), 0, 0, 0, 0, now.Location())
	return []savedView{
		{"Needs attention", "KapAttention=true" + running},
		{"Blocked by labs", `KapBlockedBy="labs"` + running},
		{"Blocked by preparation", `KapBlockedBy="prep-sessions"` + running},
		{"Coverage review", `KapStage="coverage-review"` + running},
		{"Physician's move", `KapMoves="physician"` + running},
		{"Psychotherapist's move", `KapMoves="psychotherapist"` + running},
		{"Coordinator's move", `KapMoves="coordinator"` + running},
		{"Due before Saturday", `KapNextDue<"` + midnight.UTC().Format(time.RFC3339) + `"` + running},
		{"Infusion series", `KapStage="infusion-series"` + running},
		{"All journeys", `WorkflowType="` + workflows.ClientJourneyName + `"`},
	}
}
