package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"

	"kapflow/practice"
	"kapflow/workflows"
)

type policyCommand struct {
	Check policyCheckCommand `cmd:"" help:"Check a practice file: every fault with its line."`
}

type policyCheckCommand struct {
	File string `arg:"" help:"The practice file." type:"path"`
}

// Run checks a practice file and says what it means for the practice.
func (c policyCheckCommand) Run(t terminal) error {
	if _, err := os.Stat(c.File); err != nil {
		return usageError{err}
	}
	prac, err := practice.Load(c.File, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s is in order: %s, version %s, %d clinicians, at least %d preparation sessions.\n",
		c.File, prac.Policy.Practice.Name, prac.Policy.Version, len(prac.Policy.Clinicians), prac.Policy.Preparation.MinimumSessions)
	if prac.Policy.Confirmation.By == "" {
		fmt.Fprintln(t.out, "No physician has confirmed its safety settings yet: they are placeholders.")
	}
	return nil
}

type linksCommand struct {
	UI string `help:"Address of the Temporal UI; default: the running demo's." env:"KAPFLOW_TEMPORAL_UI"`
}

// Run prints links to saved views: opening one creates the view in the browser.
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

// savedViews are the lists a coordinator asks for most.
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
		{"Physician's move", `KapMove="physician"` + running},
		{"Psychotherapist's move", `KapMove="psychotherapist"` + running},
		{"Coordinator's move", `KapMove="coordinator"` + running},
		{"Due before Saturday", `KapNextDue<"` + midnight.UTC().Format(time.RFC3339) + `"` + running},
		{"Infusion series", `KapStage="infusion-series"` + running},
		{"All journeys", `WorkflowType="` + workflows.ClientJourneyName + `"`},
	}
}

type upgradeCommand struct{}

// Run wakes every running journey, so that each notices that a newer build is current and continues on it
// at its next quiet moment. A practice with one worker runs it before the old build goes.
func (upgradeCommand) Run(t terminal) error {
	house, leave, err := connect(t)
	if err != nil {
		return err
	}
	defer leave()
	rows, err := house.Store.Board(t.ctx)
	if err != nil {
		return err
	}
	woken := 0
	for _, r := range rows {
		var gone *serviceerror.NotFound
		if err := house.TemporalClient.SignalWorkflow(t.ctx, r.ClientID, "", workflows.WakeSignal, nil); errors.As(err, &gone) {
			continue // its record rests
		} else if err != nil {
			fmt.Fprintf(t.err, "starter: %s was not woken: %v\n", r.ClientID, err)
			continue
		}
		woken++
	}
	fmt.Fprintf(t.out, "%d journeys were woken; each moves to the current build once nothing is under way.\n", woken)
	return nil
}
