package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// MorningListInput asks for one working day's list.
type MorningListInput struct {
	Asked time.Time `json:"asked"` // when the schedule fired, UTC
}

// MailMorningList mails everybody who has to do with clients their day: the coordinator what concerns the practice, each
// clinician what is theirs. The mails hold ids, times and counts only: what for, and why, is on the board. Each person
// gets one list a day, however often this is tried.
func (a *Activities) MailMorningList(ctx context.Context, in MorningListInput) error {
	now := a.now(ctx, in.Asked)
	if err := RefreshLists(ctx, a.Records, now); err != nil {
		return err
	}
	worklist, err := a.List.Worklist(ctx)
	if err != nil {
		return fmt.Errorf("read worklist: %w", err)
	}
	morning, readers := Morning{Worklist: worklist, Zone: a.Zone, Now: now, Practice: a.Practice}, a.readers()
	lists, told := make([]dayList, len(readers)), make([][]string, len(readers))
	for after := ""; ; {
		ids, next, err := a.Records.AtWork(ctx, a.Zone.Clock(now, 0, 0), endOfDay(a.Zone, now), after, openedAtOnce)
		if err != nil {
			return fmt.Errorf("find clients: %w", err)
		}
		morning.Rows, err = a.Records.Charts(ctx, ids)
		if err != nil {
			return fmt.Errorf("read charts: %w", err)
		}
		for i, r := range readers {
			lists[i].clients(morning, r)
			told[i] = append(told[i], a.toldOf(morning, r)...)
		}
		if after = next; after == "" {
			break
		}
	}
	var faults []error
	for i, r := range readers {
		if text := morning.text(r, lists[i]); text != "" {
			faults = append(faults, a.mailList(ctx, r, text, told[i], now))
		}
	}
	return errors.Join(faults...)
}

// openedAtOnce is how many charts the morning list opens together.
const openedAtOnce = 200

// readers are who gets a list; a clinician without an id is the coordinator.
func (a *Activities) readers() []policy.Clinician {
	out := []policy.Clinician{{Role: person.Coordinator, Email: a.Practice.Practice.Coordinator}}
	for _, c := range a.Practice.Clinicians {
		if c.Email != "" && (c.Role == person.Psychotherapist || c.Role == person.Physician) {
			out = append(out, c)
		}
	}
	return out
}

func (a *Activities) mailList(ctx context.Context, r policy.Clinician, text string, tasks []string, now time.Time) error {
	key := message.MorningListKey(r.ID, a.Zone, now)
	if told, err := a.List.StaffNotified(ctx, key); err != nil || told {
		return err
	}
	receipt, err := SendNow(ctx, a.Sender, OutboundMessage{Key: key, Channel: person.Email, To: r.Email, Subject: "Today at " + a.Practice.Practice.DisplayName, Text: text})
	if err != nil {
		return fmt.Errorf("mail morning list: %w", err)
	}
	if receipt.State == message.StatePlanned {
		return fmt.Errorf("the morning list did not leave (%s); it is tried again", receipt.Fault)
	}
	return a.List.NoteStaffNotified(ctx, now, append([]string{key}, tasks...)...)
}

// toldOf gives the keys of the tasks of which a reader's list tells, so that the watch does not tell of them again.
func (a *Activities) toldOf(m Morning, r policy.Clinician) (told []string) {
	for _, row := range m.Rows {
		for _, t := range tasksOf(row.Chart, r, m.Now) {
			if t.Due.Before(endOfDay(a.Zone, m.Now)) {
				who, _ := a.staffFor(row.Chart, t.Role)
				told = append(told, message.TaskKey(row.ClientID, who, t.ID(), t.Due))
			}
		}
	}
	return told
}

func endOfDay(z clock.Zone, now time.Time) time.Time { return z.Clock(z.AddDays(now, 1), 0, 0) }

// tasksOf gives the tasks of a client that are the reader's.
func tasksOf(c *care.Chart, reader policy.Clinician, now time.Time) []care.Task {
	if reader.Role != person.Coordinator && reader.ID != c.Psychotherapist && reader.ID != c.Physician {
		return nil
	}
	return slices.DeleteFunc(c.Tasks(now), func(t care.Task) bool { return t.Role != reader.Role })
}

// dayList is what one person reads in the morning.
type dayList struct {
	alerts, coming, yours, waiting, overdue, messages []string
}

// Morning is what the lists of one morning are made from. Now is UTC; the day is that of the practice's zone.
type Morning struct {
	Rows     []care.BoardRow
	Worklist []message.WorklistItem
	Zone     clock.Zone
	Now      time.Time
	Practice policy.Policy
}

// ListFor writes a reader's list; empty for a clinician for whom there is nothing.
func (m Morning) ListFor(reader policy.Clinician) string {
	var l dayList
	l.clients(m, reader)
	return m.text(reader, l)
}

// clients adds the clients of whom a reader's list tells.
func (l *dayList) clients(m Morning, reader policy.Clinician) {
	for _, r := range m.Rows {
		if reader.Role == person.Coordinator || reader.ID == r.Chart.Psychotherapist || reader.ID == r.Chart.Physician {
			l.client(r, m, reader)
		}
	}
}

// text writes a list; empty for a clinician for whom there is nothing.
func (m Morning) text(reader policy.Clinician, l dayList) string {
	coordinator := reader.Role == person.Coordinator
	if coordinator {
		l.worklist(m.Worklist, m.Zone, m.Now)
	}
	if !coordinator && len(l.alerts)+len(l.coming)+len(l.yours) == 0 {
		return ""
	}
	slices.Sort(l.coming)
	for _, lines := range [][]string{l.alerts, l.yours, l.waiting, l.overdue} {
		slices.Sort(lines)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s\n", m.Practice.Practice.DisplayName, m.Zone.DayFrom(m.Now, m.Now))
	if len(l.alerts) > 0 {
		section(&b, "Look first: alerts", l.alerts)
	}
	for i, line := range l.coming {
		_, l.coming[i], _ = strings.Cut(line, "\x00") // what it was sorted by
	}
	section(&b, "Coming today", l.coming)
	if coordinator {
		section(&b, "Waiting at the practice", l.waiting)
	}
	section(&b, "Yours to do", l.yours)
	if coordinator {
		section(&b, "Overdue", l.overdue)
		if len(l.messages) > 0 {
			section(&b, "Messages that need a look", l.messages)
		}
	}
	b.WriteString("\nDetails are on the board: starter board\n")
	return b.String()
}

// client adds one client to the list.
func (l *dayList) client(r care.BoardRow, m Morning, reader policy.Clinician) {
	c, z, now, coordinator := r.Chart, m.Zone, m.Now, reader.Role == person.Coordinator
	alerts := c.OpenAlerts()
	if !coordinator {
		alerts = slices.DeleteFunc(alerts, func(a care.Alert) bool { return !slices.Contains(a.Roles, reader.Role) })
	}
	if len(alerts) > 0 {
		l.alerts = append(l.alerts, fmt.Sprintf("%s  %d not acknowledged", r.ClientID, len(alerts)))
	}
	if own := tasksOf(c, reader, now); len(own) > 0 {
		l.yours = append(l.yours, r.ClientID+"  "+counted(own, z, now))
	}
	if c.Closed() {
		return
	}
	for i := range c.Visits {
		v := &c.Visits[i]
		if !v.Open() || !z.SameDay(v.Start, now) || !coordinator && !slices.Contains(c.BusyAt(v.Kind, v.Start), reader.ID) {
			continue
		}
		place, _ := m.Practice.Place(v.Place)
		l.coming = append(l.coming, fmt.Sprintf("%s\x00%s  %s, %s", v.Start.UTC().Format(time.RFC3339), z.Local(v.Start).Format("3:04 PM"), r.ClientID, place.Neutral))
	}
	if shut := c.Shut(now); len(shut) > 0 {
		l.waiting = append(l.waiting, fmt.Sprintf("%s  %d open%s, the next move is %s", r.ClientID, len(shut), since(z, shut, now), neutral(c.Moves(now))))
	}
	late := 0
	for _, t := range c.Tasks(now) {
		if t.Due.Before(now) {
			late++
		}
	}
	if late > 0 {
		l.overdue = append(l.overdue, fmt.Sprintf("%s  %d overdue", r.ClientID, late))
	}
}

func (l *dayList) worklist(worklist []message.WorklistItem, z clock.Zone, now time.Time) {
	for _, m := range worklist {
		who := ""
		if m.ClientID != "" {
			who = "  " + m.ClientID
		}
		l.messages = append(l.messages, fmt.Sprintf("%s%s  since %s", m.ID(), who, z.SayFrom(m.Since, now)))
	}
}

// counted says how many tasks there are and how they press.
func counted(tasks []care.Task, z clock.Zone, now time.Time) string {
	today, late := 0, 0
	for _, t := range tasks {
		switch {
		case t.Due.Before(now):
			late++
		case t.Due.Before(endOfDay(z, now)):
			today++
		}
	}
	words := fmt.Sprintf("%d to do", len(tasks))
	if today > 0 {
		words += fmt.Sprintf(", %d by tonight", today)
	}
	if late > 0 {
		words += fmt.Sprintf(", %d overdue", late)
	}
	return words
}

func since(z clock.Zone, shut []care.Gate, now time.Time) string {
	if at := care.ShutSince(shut); !at.IsZero() {
		return " since " + z.DayFrom(at, now)
	}
	return ""
}

func section(b *strings.Builder, title string, lines []string) {
	fmt.Fprintf(b, "\n%s (%d)\n", title, len(lines))
	if len(lines) == 0 {
		b.WriteString("  nobody\n")
	}
	for _, l := range lines {
		b.WriteString("  " + l + "\n")
	}
}

// neutral says whose move it is without a word that gives the treatment away.
func neutral(moves []person.Role) string {
	switch yours := slices.Contains(moves, person.Coordinator); {
	case yours && len(moves) > 1:
		return "yours and a clinician's"
	case yours:
		return "yours"
	}
	return "a clinician's"
}
