package staff

import (
	"cmp"
	"slices"
	"strings"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
)

// boardPage is what the board shows.
type boardPage struct {
	Rows     []boardRow
	Filter   boardFilter
	Stages   []care.Stage
	Roles    []person.Role
	All      int // clients before filtering
	Worklist []message.WorklistItem
	Zone     clock.Zone
}

// boardRow is one client on the board.
type boardRow struct {
	record.BoardLine
	Name string
	Why  string // the first shut gate in words
	More int    // how many others are shut
}

// boardFilter is what the board's address asks for. Such an address can be shared.
type boardFilter struct {
	Stage   care.Stage
	Move    person.Role
	Blocked bool
}

func (f boardFilter) keeps(l record.BoardLine) bool {
	return (f.Stage == "" || f.Stage == l.Stage) && (f.Move == "" || slices.Contains(l.Moves, f.Move)) && (!f.Blocked || len(l.Blocked) > 0)
}

// board shows every client: stage, what blocks them and since when, whose move it is, and what is next.
func board(v *visitor) error {
	b, err := v.site.Desk.ReadBoard(v.r.Context(), v.who)
	if err != nil {
		return err
	}
	asked := v.r.URL.Query()
	p := boardPage{Stages: care.Stages(), Roles: []person.Role{person.Coordinator, person.Psychotherapist, person.Physician, person.Nurse, person.Client}, All: len(b.Clients),
		Worklist: b.Worklist, Zone: v.site.Desk.Zone,
		Filter: boardFilter{Stage: care.Stage(asked.Get("stage")), Move: person.Role(asked.Get("move")), Blocked: asked.Get("blocked") != ""}}
	for _, l := range b.Clients {
		if !p.Filter.keeps(l) {
			continue
		}
		row := boardRow{BoardLine: l, Name: b.Names[l.Client]}
		if len(l.Blocked) > 0 {
			row.Why, row.More = v.plain(l.Blocked[0].Reason), len(l.Blocked)-1
		}
		p.Rows = append(p.Rows, row)
	}
	slices.SortStableFunc(p.Rows, func(a, b boardRow) int {
		return cmp.Or(compareBool(b.Attention, a.Attention), strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)))
	})
	return v.show(page{Title: "Board", Template: "board", Data: p})
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
