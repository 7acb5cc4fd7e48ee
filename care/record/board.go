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
	Attention bool          `json:"attention"`
}

// BoardOf gives the line of each client as of a time. A chart whose own time is ahead, as in a demo, is seen at that.
func BoardOf(rows []care.BoardRow, now time.Time) []BoardLine {
	lines := []BoardLine{}
	for _, r := range rows {
		at := now
		if r.Chart.Published.At.After(at) {
			at = r.Chart.Published.At
		}
		l := BoardLine{Client: r.ClientID, Stage: r.Chart.Stage(), BlockedBy: []string{}, Blocked: []care.Gate{}, Move: r.Chart.Move(at), Moves: append([]person.Role{}, r.Chart.Moves(at)...), Attention: r.Chart.Attention()}
		for _, g := range r.Chart.Shut(at) {
			l.BlockedBy, l.Blocked = append(l.BlockedBy, g.Gate), append(l.Blocked, g)
		}
		if since := care.ShutSince(l.Blocked); !since.IsZero() {
			l.Since = r.Chart.Zone.Day(since)
		}
		if next := r.Chart.NextDue(at); !next.IsZero() {
			l.Next = r.Chart.Zone.SayLong(next)
		}
		lines = append(lines, l)
	}
	return lines
}
