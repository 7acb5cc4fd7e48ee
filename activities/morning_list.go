package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kapflow/care"
)

// MorningListInput asks for one working day's list.
type MorningListInput struct {
	Asked time.Time `json:"asked"` // when the schedule fired, UTC
}

// MailMorningList mails the coordinator who comes today, whether the next move of each blocked client is the coordinator's or a clinician's, and what is
// overdue. The mail holds client ids, times and counts only: what for, and why blocked, is on the board.
func (a *Activities) MailMorningList(ctx context.Context, in MorningListInput) error {
	now := a.now(ctx, in.Asked)
	rows, err := a.Records.Board(ctx)
	if err != nil {
		return fmt.Errorf("read board: %w", err)
	}
	text := MorningList(rows, a.Zone, now, a.Practice)
	_, err = a.Sender.Send(ctx, Mail{Key: "morning-list/" + a.Zone.Local(now).Format("2006-01-02"), Channel: care.Email,
		To: a.Practice.Practice.Coordinator, Subject: "Today at " + a.Practice.Practice.DisplayName, Text: text})
	if err != nil {
		return fmt.Errorf("mail morning list: %w", err)
	}
	return nil
}

// MorningList writes the list for the day of now in the practice's zone.
func MorningList(rows []care.BoardRow, z care.Zone, now time.Time, p care.Policy) string {
	type visit struct {
		at   time.Time
		line string
	}
	var today []visit
	var alerts, blocked, overdue []string
	for _, r := range rows {
		c := r.Chart
		if n := len(c.OpenAlerts()); n > 0 {
			alerts = append(alerts, fmt.Sprintf("%s  %d not acknowledged", r.ClientID, n))
		}
		if c.Closed() {
			continue
		}
		for i := range c.Visits {
			if v := &c.Visits[i]; v.Open() && z.SameDay(v.Start, now) {
				place, _ := p.Place(v.Place)
				today = append(today, visit{v.Start, fmt.Sprintf("%s  %s, %s", z.Local(v.Start).Format("3:04 PM"), r.ClientID, place.Neutral)})
			}
		}
		if shut := c.Shut(now); len(shut) > 0 {
			blocked = append(blocked, fmt.Sprintf("%s  %d open%s, the next move is %s", r.ClientID, len(shut), since(z, shut), neutral(c.Move(now))))
		}
		late := 0
		for _, t := range c.Tasks(now) {
			if t.Due.Before(now) {
				late++
			}
		}
		if late > 0 {
			overdue = append(overdue, fmt.Sprintf("%s  %d overdue", r.ClientID, late))
		}
	}
	slices.SortStableFunc(today, func(a, b visit) int { return a.at.Compare(b.at) })
	var lines []string
	for _, v := range today {
		lines = append(lines, v.line)
	}
	slices.Sort(blocked)
	slices.Sort(overdue)
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s\n", p.Practice.DisplayName, z.Day(now))
	if len(alerts) > 0 {
		slices.Sort(alerts)
		section(&b, "Look first: alerts", alerts)
	}
	section(&b, "Coming today", lines)
	section(&b, "Waiting for somebody", blocked)
	section(&b, "Overdue", overdue)
	b.WriteString("\nDetails are on the board: starter board\n")
	return b.String()
}

func since(z care.Zone, shut []care.Gate) string {
	if at := care.ShutSince(shut); !at.IsZero() {
		return " since " + z.Day(at)
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
func neutral(r care.Role) string {
	if r == care.Coordinator {
		return "yours"
	}
	return "a clinician's"
}
