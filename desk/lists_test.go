package desk_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/desk"
	"kapflow/store"
)

// counting is a store that counts the charts that lists open.
type counting struct {
	*store.Store
	opened int
}

func (c *counting) RefreshOutcomes(ctx context.Context, limit int) (int, error) {
	n, err := c.Store.RefreshOutcomes(ctx, limit)
	c.opened += n
	return n, err
}

func (c *counting) Charts(ctx context.Context, ids []string) ([]care.BoardRow, error) {
	rows, err := c.Store.Charts(ctx, ids)
	c.opened += len(rows)
	return rows, err
}

func (c *counting) RefreshSummaries(ctx context.Context, now time.Time, limit int) (int, error) {
	n, err := c.Store.RefreshSummaries(ctx, now, limit)
	c.opened += n
	return n, err
}

// manyAtDesk is a desk on a practice of many clients, of whom nobody has an alert, a visit, a debt or anything in the inbox.
func manyAtDesk(t *testing.T, clients int) (*desk.Desk, *counting) {
	t.Helper()
	d, records := atDesk(t)
	for n := range clients - 1 {
		id := fmt.Sprintf("client-%04d", n)
		newClient(t, d, id, id, person.Contact{PreferredName: "Robin"})
	}
	box := &counting{Store: records}
	d.Store = box
	return d, box
}

// TestAListOpensNoChartThatItDoesNotShow: the board none at all, and every other list those of its rows.
func TestAListOpensNoChartThatItDoesNotShow(t *testing.T) {
	t.Parallel()
	const clients = 130
	d, box := manyAtDesk(t, clients)
	who := sampleOf(d, person.Coordinator)
	opens := func(what string, look func() (shown int, err error), spare int) {
		t.Helper()
		box.opened = 0
		shown, err := look()
		if err != nil {
			t.Fatal(err)
		}
		if box.opened > shown+spare {
			t.Errorf("%s shows %d clients and opens %d charts", what, shown, box.opened)
		}
	}
	seen := map[string]bool{}
	opens("the board", func() (int, error) {
		var after record.BoardPlace
		for {
			b, err := d.ReadBoard(t.Context(), who, record.BoardFilter{}, after)
			if err != nil {
				return 0, err
			}
			for _, l := range b.Clients {
				if seen[l.Client] || b.Names[l.Client] != "Robin" {
					t.Errorf("%s is shown twice, or without the name", l.Client)
				}
				seen[l.Client] = true
			}
			if after = b.Next; after.ID == "" {
				return 0, nil
			}
		}
	}, 0)
	if len(seen) != clients {
		t.Errorf("the pages of the board show %d of %d clients", len(seen), clients)
	}
	opens("the inbox", func() (int, error) { _, err := d.ReadInbox(t.Context(), who); return 0, err }, 0)
	opens("its number", func() (int, error) { _, err := d.Waiting(t.Context(), who.Roles()); return 0, err }, 0)
	opens("the money", func() (int, error) { _, err := d.ReadMoney(t.Context(), who); return 0, err }, 0)
	opens("the calendar", func() (int, error) {
		_, err := d.ReadCalendar(t.Context(), who, d.Now(), d.Now().AddDate(0, 0, 7))
		return 0, err
	}, 0)
	opens("a day without visits, but for the night's clients", func() (int, error) {
		day, err := d.ReadDay(t.Context(), who, d.Now(), false, 0)
		return len(day.Names), err
	}, 50)
}

// TestABoardFilterKeepsWhomTheWholeBoardSays: a filter in the database keeps the clients whose lines fit it.
func TestABoardFilterKeepsWhomTheWholeBoardSays(t *testing.T) {
	t.Parallel()
	d, _ := manyAtDesk(t, 5)
	who := sampleOf(d, person.Coordinator)
	for _, f := range []record.BoardFilter{{}, {Stage: care.StageEnrolled}, {Stage: care.StagePaused}, {Move: person.Psychotherapist}, {Move: person.Nurse}, {Blocked: true},
		{Stage: care.StageEnrolled, Move: person.Coordinator, Blocked: true}} {
		all, err := d.ReadBoard(t.Context(), who, record.BoardFilter{}, record.BoardPlace{})
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, l := range all.Clients {
			if f.Keeps(l) {
				want = append(want, l.Client)
			}
		}
		kept, err := d.ReadBoard(t.Context(), who, f, record.BoardPlace{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range kept.Clients {
			got = append(got, l.Client)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%+v keeps %v, want %v", f, got, want)
		}
	}
}
