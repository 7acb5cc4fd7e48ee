package care

import (
	"maps"
	"slices"
	"time"

	"kapflow/care/person"
	"kapflow/care/visit"
)

// Published is what was last published of everything derived: the journal of a client is the list of its
// changes. It is part of the chart so that each change is written once, with its time.
type Published struct {
	Stage   Stage                `json:"stage,omitempty"`
	Since   time.Time            `json:"since,omitzero"`  // of the stage
	Shut    []string             `json:"shut,omitempty"`  // gates, by gateKey
	Gates   map[string]time.Time `json:"gates,omitempty"` // since when each stands as it does, by gateKey
	Tasks   map[string]TaskRow   `json:"tasks,omitempty"`
	Alerts  map[string]string    `json:"alerts,omitempty"` // id → state
	Changes int                  `json:"changes"`          // written so far
	At      time.Time            `json:"at,omitzero"`
}

// TaskRow is what was published of a task.
type TaskRow struct {
	Role      person.Role `json:"role"`
	Due       time.Time   `json:"due"`
	About     string      `json:"about,omitempty"`
	Escalated bool        `json:"escalated,omitempty"`
}

// Change is one line of a client's journal: the stage, a gate, a task or an alert changed.
type Change struct {
	Seq     int         `json:"seq"` // per client, from 1, without gaps
	At      time.Time   `json:"at"`
	Type    string      `json:"type"`    // clinician, stage, gate, task, alert
	Subject string      `json:"subject"` // gate's or task's code, alert's id, clinician's role
	State   string      `json:"state"`   // clinician: who has the client now; gate: open, shut; task: opened, done, escalated; alert: raised, acknowledged; stage: its code
	From    string      `json:"from,omitempty"`
	Reason  string      `json:"reason,omitempty"`
	Role    person.Role `json:"role,omitempty"`
	About   string      `json:"about,omitempty"`
	Due     time.Time   `json:"due,omitzero"`
}

// DiffAndPublish lets time pass up to now, compares everything derived with what was last published, notes the new state,
// and gives the changes in a fixed order: clinicians, stage, gates, tasks, alerts. With Record, Settle and their like it is one of the
// few methods that change a chart; every method that only asks leaves it as it is.
func (c *Chart) DiffAndPublish(now time.Time) []Change {
	now = now.UTC()
	c.passTime(now)
	var out []Change
	add := func(ch Change) {
		c.Published.Changes++
		ch.Seq, ch.At = c.Published.Changes, now
		out = append(out, ch)
	}
	for _, who := range c.takeOver(now) {
		add(who)
	}
	if stage := c.Stage(); stage != c.Published.Stage {
		add(Change{Type: "stage", Subject: string(stage), State: string(stage), From: string(c.Published.Stage)})
		c.Published.Stage, c.Published.Since = stage, now
	}
	gates := c.Published.Gates
	c.publishGates(now, add)
	c.publishTasks(now, add)
	c.publishAlerts(now, add)
	c.Published.At = now
	if len(out) > 0 || !maps.Equal(gates, c.Published.Gates) { // the gates of later infusions have no line of their own
		c.Version++
	}
	return out
}

// gateKey names a gate of an infusion among what was shown: by its code alone for the next infusion, booked or not.
func gateKey(next *Visit, appt, gate string) string {
	if next == nil || appt == "" || appt == string(visit.Infusion) || appt == next.ID {
		return gate
	}
	return appt + "/" + gate
}

// gateSince gives since when a gate stands as it does; zero when that was not shown yet.
func (c *Chart) gateSince(key string, open bool) time.Time {
	if slices.Contains(c.Published.Shut, key) == open {
		return time.Time{}
	}
	return c.Published.Gates[key]
}

// publishGates shows the gates of the next infusion line by line, and notes since when those of every booked infusion
// stand as they do.
func (c *Chart) publishGates(now time.Time, add func(Change)) {
	first := c.Published.Changes <= 1 && c.Published.Shut == nil
	shut, since := []string{}, map[string]time.Time{}
	note := func(key string, g Gate) (was bool) {
		was = slices.Contains(c.Published.Shut, key)
		if since[key] = c.Published.Gates[key]; since[key].IsZero() || was == g.Open {
			since[key] = now
		}
		if !g.Open {
			shut = append(shut, key)
		}
		return was
	}
	for _, g := range c.Gates(now) {
		was := note(g.Gate, g)
		switch {
		case !g.Open && !was:
			add(Change{Type: "gate", Subject: g.Gate, State: "shut", Reason: g.Reason, Role: g.MustAct})
		case g.Open && (was || first):
			add(Change{Type: "gate", Subject: g.Gate, State: "open", Reason: g.Reason})
		}
	}
	next := c.next(visit.Infusion)
	for _, v := range c.BookedInfusions() {
		if v.ID == next.ID {
			continue
		}
		for _, g := range c.GatesOf(v, now) {
			note(gateKey(next, v.ID, g.Gate), g)
		}
	}
	c.Published.Shut, c.Published.Gates = shut, since
}

func (c *Chart) publishTasks(now time.Time, add func(Change)) {
	rows := map[string]TaskRow{}
	for _, t := range c.Tasks(now) {
		id := t.ID()
		old, known := c.Published.Tasks[id]
		if known && old.Escalated && now.Before(t.Due) {
			// What was late is done, and the next of its kind is owed: another preparation session to book.
			add(Change{Type: "task", Subject: t.Task, State: "done", Role: old.Role, About: old.About, Due: old.Due})
			known = false
		}
		row := TaskRow{Role: t.Role, Due: t.Due, About: t.About, Escalated: known && old.Escalated}
		if !known {
			add(Change{Type: "task", Subject: t.Task, State: "opened", Role: t.Role, About: t.About, Due: t.Due, Reason: t.Words})
		}
		if !row.Escalated && !now.Before(t.Due) {
			row.Escalated = true
			add(Change{Type: "task", Subject: t.Task, State: "escalated", Role: t.Role, About: t.About, Due: t.Due, Reason: t.Words})
		}
		rows[id] = row
	}
	for _, id := range slices.Sorted(maps.Keys(c.Published.Tasks)) {
		if _, still := rows[id]; !still {
			old := c.Published.Tasks[id]
			task := id
			if old.About != "" {
				task = id[:len(id)-len(old.About)-1]
			}
			add(Change{Type: "task", Subject: task, State: "done", Role: old.Role, About: old.About, Due: old.Due})
		}
	}
	c.Published.Tasks = rows
}

// publishAlerts writes one line for each role that an alert was raised for, one when it climbed to the
// coordinator, and one when it was acknowledged.
func (c *Chart) publishAlerts(now time.Time, add func(Change)) {
	for _, a := range c.Alerts {
		state := c.AlertState(a, now)
		if c.Published.Alerts[a.ID] == state {
			continue
		}
		if c.Published.Alerts == nil {
			c.Published.Alerts = map[string]string{}
		}
		if c.Published.Alerts[a.ID] == "" {
			for _, r := range a.Roles {
				add(Change{Type: "alert", Subject: a.Kind, State: StateRaised, Role: r, About: a.About, Reason: a.ID, Due: a.Due})
			}
		}
		switch state {
		case StateEscalated:
			add(Change{Type: "alert", Subject: a.Kind, State: state, Role: person.Coordinator, About: a.About, Reason: a.ID, Due: a.Due})
		case StateAcknowledged:
			add(Change{Type: "alert", Subject: a.Kind, State: state, Role: a.AckedBy.Role, About: a.About, Reason: a.ID})
		}
		c.Published.Alerts[a.ID] = state
	}
}

// Attention says whether a person should look now: an escalated task, an open alert or a hold.
func (c *Chart) Attention() bool {
	for _, id := range slices.Sorted(maps.Keys(c.Published.Tasks)) {
		if c.Published.Tasks[id].Escalated {
			return true
		}
	}
	return len(c.OpenAlerts()) > 0 || c.onHold() != nil && !c.Closed()
}

// Move says whose move comes first: the role that owes the task due first, else the one who must act on the first shut gate;
// empty when nobody owes anything.
func (c *Chart) Move(now time.Time) person.Role {
	if moves := c.Moves(now); len(moves) > 0 {
		return moves[0]
	}
	return ""
}

// Moves says whose move it is: every role that owes a task, the one whose task is due first before the others; when there is no
// task, every role that must act on a shut gate. Board, search attribute, saved views and the Temporal UI all show these.
func (c *Chart) Moves(now time.Time) []person.Role {
	var out []person.Role
	add := func(r person.Role) {
		if r != "" && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	for _, t := range c.Tasks(now) {
		add(t.Role)
	}
	if len(out) > 0 {
		return out
	}
	for _, g := range c.Shut(now) {
		add(g.MustAct)
	}
	return out
}

// NextDue is the next moment that a person plans with: the earliest coming visit or task; zero when
// nothing is ahead.
func (c *Chart) NextDue(now time.Time) time.Time {
	var at time.Time
	if tasks := c.Tasks(now); len(tasks) > 0 {
		at = tasks[0].Due
	}
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Open() && (at.IsZero() || v.Start.Before(at)) {
			at = v.Start
		}
	}
	return at
}
