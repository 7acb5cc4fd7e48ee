package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// publishedAttributes is what the search attributes were last set to, so that they change only when they must.
type publishedAttributes struct {
	set       bool
	stage     care.Stage
	since     time.Time
	blocked   []string
	moves     []person.Role
	nextDue   time.Time
	attention bool
}

// show brings the Temporal UI up to date: current details, and the search attributes when one changed.
func (j *journey) show() {
	now := j.now()
	workflow.SetCurrentDetails(j.ctx, Details(j.chart, now))
	var blocked []string
	for _, g := range j.chart.Shut(now) {
		blocked = append(blocked, g.Gate)
	}
	next := publishedAttributes{set: true, stage: j.chart.Stage(), since: j.chart.Published.Since, blocked: blocked, moves: j.chart.Moves(now),
		nextDue: j.chart.NextDue(now), attention: j.chart.Attention()}
	old := j.published
	if old.set && old.stage == next.stage && slices.Equal(old.blocked, next.blocked) && slices.Equal(old.moves, next.moves) &&
		old.nextDue.Equal(next.nextDue) && old.attention == next.attention {
		return
	}
	j.published = next
	var moves []string
	move := ""
	for i, role := range next.moves {
		if moves = append(moves, string(role)); i == 0 {
			move = string(role)
		}
	}
	updates := []temporal.SearchAttributeUpdate{
		KapStage.ValueSet(string(next.stage)), KapBlockedBy.ValueSet(append([]string{}, blocked...)),
		KapMove.ValueSet(move), KapMoves.ValueSet(append([]string{}, moves...)), KapAttention.ValueSet(next.attention), KapStageSince.ValueSet(next.since),
	}
	if next.nextDue.IsZero() {
		updates = append(updates, KapNextDue.ValueUnset())
	} else {
		updates = append(updates, KapNextDue.ValueSet(next.nextDue))
	}
	if err := workflow.UpsertTypedSearchAttributes(j.ctx, updates...); err != nil {
		workflow.GetLogger(j.ctx).Error("search attributes could not be set", "error", err)
	}
}

// Details is what a coordinator reads in the Temporal UI: the stage, what blocks and whose move it is, every
// gate with its reason, the next three notifications. It is Markdown.
func Details(c *care.Chart, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", wording.Title(string(c.Stage())))
	writeAlerts(&b, c, now)
	tasks := c.Tasks(now)
	switch shut := c.Shut(now); {
	case c.Closed():
		b.WriteString("The course is over.\n\n")
	case len(shut) > 0:
		fmt.Fprintf(&b, "**Blocked:** %s.\n\n", reasons(shut))
	default:
		b.WriteString("**Nothing blocks the next step.**\n\n")
	}
	if moves := c.Moves(now); len(moves) > 0 && !c.Closed() {
		fmt.Fprintf(&b, "**Whose move:** %s.\n\n", wording.JoinWords(moves, "and"))
	}
	if len(tasks) > 0 {
		b.WriteString("### Open tasks\n\n| Who | What | By |\n|---|---|---|\n")
		for _, t := range tasks {
			by := c.Zone.SayFrom(t.Due, now)
			if t.Due.Before(now) {
				by = "**overdue**, " + by
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", t.Role, t.Words, by)
		}
		b.WriteString("\n")
	}
	writeDay(&b, c, now)
	writeVisits(&b, c, now)
	writeGates(&b, c, now)
	b.WriteString("### Next messages\n\n")
	notifications := c.Notifications()
	if len(notifications) == 0 {
		b.WriteString("None planned.\n")
	}
	for _, d := range notifications[:min(3, len(notifications))] {
		fmt.Fprintf(&b, "- %s: %s\n", c.Zone.SayFrom(d.At, now), d.Words)
	}
	return b.String()
}

func reasons(shut []care.Gate) string {
	var parts []string
	for _, g := range shut {
		parts = append(parts, fmt.Sprintf("%s (%s)", g.Reason, g.MustAct))
	}
	return strings.Join(parts, ", ")
}

func writeVisits(b *strings.Builder, c *care.Chart, now time.Time) {
	var rows []string
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Open() {
			state := string(v.Status)
			if v.Tentative {
				state = "tentative"
			}
			rows = append(rows, fmt.Sprintf("| %s | %s | %s |\n", v.Name(), c.Zone.SayFrom(v.Start, now), state))
		}
	}
	if len(rows) > 0 {
		b.WriteString("### Coming visits\n\n| Visit | When | State |\n|---|---|---|\n" + strings.Join(rows, "") + "\n")
	}
}

func writeGates(b *strings.Builder, c *care.Chart, now time.Time) {
	b.WriteString("### Gates of the next infusion\n\n| Gate | | Why | Whose move | Since |\n|---|---|---|---|---|\n")
	gates := c.Gates(now)
	slices.SortStableFunc(gates, func(a, b care.Gate) int { return openness(a) - openness(b) })
	for _, g := range gates {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", g.Gate, []string{"**shut**", "open"}[openness(g)], g.Reason, g.MustAct, sinceDay(c, g, now))
	}
	b.WriteString("\n")
	next := true
	for _, v := range c.BookedInfusions() {
		if next {
			next = false // it is the table above
			continue
		}
		for _, g := range c.GatesOf(v, now) {
			if !g.Open {
				fmt.Fprintf(b, "- %s: **%s** shut, %s (%s), since %s\n", v.Name(), g.Gate, g.Reason, g.MustAct, sinceDay(c, g, now))
			}
		}
	}
	for _, o := range c.Overrides {
		fmt.Fprintf(b, "- %s was opened by hand for infusion %d, by the %s, %s\n", o.Gate, o.Infusion, o.By.Role, c.Zone.SayFrom(o.At, now))
	}
	b.WriteString("\n")
}

func sinceDay(c *care.Chart, g care.Gate, now time.Time) string {
	if g.Since.IsZero() {
		return "now"
	}
	return c.Zone.DayFrom(g.Since, now)
}

// writeDay shows an infusion day while it lasts: what the check-in sheet leaves open, or when the next reading is due.
func writeDay(b *strings.Builder, c *care.Chart, now time.Time) {
	for _, v := range c.BookedInfusions() {
		if v.Day == nil {
			continue
		}
		if due := c.NextReading(v); !due.IsZero() {
			fmt.Fprintf(b, "**%s is running** since %s; the next reading is due %s.\n\n", v.Name(), c.Zone.SayFrom(v.Day.StartedAt, now), c.Zone.SayFrom(due, now))
			continue
		}
		if len(v.Day.Unmet) == 0 {
			fmt.Fprintf(b, "**%s**: the check-in is complete.\n\n", v.Name())
			continue
		}
		fmt.Fprintf(b, "**%s cannot start yet:**\n\n", v.Name())
		for _, u := range v.Day.Unmet {
			fmt.Fprintf(b, "- %s (%s)\n", u.Reason, u.MustAct)
		}
		b.WriteString("\n")
	}
}

// writeAlerts puts what must be seen now at the top.
func writeAlerts(b *strings.Builder, c *care.Chart, now time.Time) {
	for _, a := range c.Alerts {
		state := c.AlertState(a, now)
		if state == care.StateAcknowledged {
			continue
		}
		var roles []string
		for _, r := range a.Roles {
			roles = append(roles, string(r))
		}
		fmt.Fprintf(b, "**ALERT %s** (%s) since %s, for the %s, %s: acknowledge by %s.\n\n", wording.Title(a.Kind), a.ID, c.Zone.SayFrom(a.RaisedAt, now),
			strings.Join(roles, " and the "), state, c.Zone.SayFrom(a.Due, now))
	}
}

// openness sorts the shut gates to the top.
func openness(g care.Gate) int {
	if g.Open {
		return 1
	}
	return 0
}
