package record

import (
	"time"

	"kapflow/care"
	"kapflow/care/person"
)

// BoardLine is one client on the board: where they stand, what blocks them and whose move it is.
type BoardLine struct {
	Client    string        `json:"client"`
	Stage     care.Stage    `json:"stage"`
	BlockedBy []string      `json:"blocked_by"`
	Blocked   []care.Gate   `json:"blocked"`
	Since     string        `json:"since"` // of the gate that has been shut for the longest time
	Move      person.Role   `json:"move"`
	Moves     []person.Role `json:"moves"`
	Next      string        `json:"next"`
	NextDue   time.Time     `json:"-"` // the time of Next; zero: none
	Attention bool          `json:"attention"`
}

// BoardOf gives the line of each client as of a time. A chart whose own time is ahead, as in a demo, is seen at that.
func BoardOf(rows []care.BoardRow, now time.Time) []BoardLine {
	lines := []BoardLine{}
	for _, r := range rows {
		lines = append(lines, boardLine(r.Chart, chartTime(r.Chart, now)))
	}
	return lines
}

func boardLine(c *care.Chart, at time.Time) BoardLine {
	l := BoardLine{Client: c.ClientID, Stage: c.Stage(), BlockedBy: []string{}, Blocked: []care.Gate{}, Move: c.Move(at), Moves: append([]person.Role{}, c.Moves(at)...), Attention: c.Attention()}
	for _, g := range c.Shut(at) {
		l.BlockedBy, l.Blocked = append(l.BlockedBy, g.Gate), append(l.Blocked, g)
	}
	if since := care.ShutSince(l.Blocked); !since.IsZero() {
		l.Since = c.Zone.DayFrom(since, at)
	}
	if next := c.NextDue(at); !next.IsZero() {
		l.Next, l.NextDue = c.Zone.SayLong(next), next
	}
	return l
}
