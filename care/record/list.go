package record

import (
	"slices"
	"time"

	"kapflow/care"
	"kapflow/care/person"
)

// BoardFilter says whom a board shows; what is empty keeps everybody.
type BoardFilter struct {
	Stage   care.Stage
	Move    person.Role
	Blocked bool // only clients with a shut gate
}

// Keeps says whether a filter keeps a client.
func (f BoardFilter) Keeps(l BoardLine) bool {
	return (f.Stage == "" || f.Stage == l.Stage) && (f.Move == "" || slices.Contains(l.Moves, f.Move)) && (!f.Blocked || len(l.Blocked) > 0)
}

// BoardPlace is a place in the board's order: first who needs a look, then by what is next, then by id. An empty ID is the beginning.
type BoardPlace struct {
	Calm bool // does not need a look
	Next time.Time
	ID   string
}

// EntrySearch says which entries a list looks for; a zero time is no bound.
type EntrySearch struct {
	Kind      EntryKind
	Who       []string  // any of them; none: entries that are nobody's
	From, To  time.Time // Due is at or after From and before To
	Until     time.Time // Until is at or after it
	TreatedBy string    // only clients whom this clinician treats
}
