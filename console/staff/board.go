package staff

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/care/wording"
)

// boardPage is what the board shows.
type boardPage struct {
	Rows     []boardRow
	Filter   record.BoardFilter
	Stages   []care.Stage
	Roles    []person.Role
	Filtered bool
	First    string // address of the first page; empty on it
	Next     string // address of the next page; empty on the last
	Worklist []message.WorklistItem
	Zone     clock.Zone
	Now      time.Time
	Enrolls  bool // the reader enrolls clients
}

// boardRow is one client on the board, in words. They are worked out here, because templates take several times as long.
type boardRow struct {
	Client    link
	Attention bool
	Stage     string
	Why       string // the first shut gate
	From      string // since when a gate is shut; empty if Why says it, or nobody knows
	More      int    // how many others are shut
	Moves     string // whose move it is
	Next      string // when something is due next; empty: nothing is
	Late      bool   // that time is over
}

// board shows a page of the clients: stage, what blocks them and since when, whose move it is, and what is next. Its address says
// whom it keeps, so that it can be shared.
func board(v *visitor) error {
	asked := v.r.URL.Query()
	filter := record.BoardFilter{Stage: care.Stage(asked.Get("stage")), Move: person.Role(asked.Get("move")), Blocked: asked.Get("blocked") != ""}
	after := boardPlace(asked.Get("after"))
	b, err := v.site.Desk.ReadBoard(v.r.Context(), v.who, filter, after)
	if err != nil {
		return err
	}
	p := boardPage{Stages: care.Stages(), Roles: []person.Role{person.Coordinator, person.Psychotherapist, person.Physician, person.Nurse, person.Client},
		Worklist: b.Worklist, Zone: v.site.Desk.Zone, Now: v.now, Enrolls: v.enrolls(), Filter: filter, Filtered: filter != record.BoardFilter{}}
	link := func(place string) string {
		asked.Set("after", place)
		if place == "" {
			asked.Del("after")
		}
		return "/board?" + asked.Encode()
	}
	if after.ID != "" {
		p.First = link("")
	}
	if b.Next.ID != "" {
		p.Next = link(placeWords(b.Next))
	}
	p.Rows = make([]boardRow, 0, len(b.Clients))
	for _, l := range b.Clients {
		p.Rows = append(p.Rows, v.boardRow(l, b.Names[l.Client]))
	}
	return v.show(page{Title: "Board", Template: "board", Data: p})
}

// boardRow says what blocks a client. A reason that tells itself since when has no second time beside it.
func (v *visitor) boardRow(l record.BoardLine, name string) boardRow {
	row := boardRow{Client: linkTo(cmp.Or(name, l.Client), clientPath(l.Client)), Attention: l.Attention, Stage: wording.Title(string(l.Stage)),
		Moves: upperFirst(wording.JoinWords(l.Moves, "and"))}
	if !l.NextDue.IsZero() {
		row.Next, row.Late = v.site.Desk.Zone.SayFrom(l.NextDue, v.now), l.NextDue.Before(v.now)
	}
	if len(l.Blocked) == 0 {
		return row
	}
	row.Why, row.More = upperFirst(v.plain(l.Blocked[0].Reason)), len(l.BlockedBy)-1
	if !l.Blocked[0].SaysSince() {
		row.From = l.Since
	}
	return row
}

// placeWords writes a place in the board's order for an address; boardPlace reads it. What makes no sense is the beginning.
func placeWords(at record.BoardPlace) string {
	next := ""
	if !at.Next.IsZero() {
		next = at.Next.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("%t,%s,%s", at.Calm, next, at.ID)
}

func boardPlace(words string) (at record.BoardPlace) {
	parts := strings.SplitN(words, ",", 3)
	if len(parts) != 3 {
		return at
	}
	if parts[1] != "" {
		next, err := time.Parse(time.RFC3339Nano, parts[1])
		if err != nil {
			return at
		}
		at.Next = next
	}
	at.Calm, at.ID = parts[0] == "true", parts[2]
	return at
}
