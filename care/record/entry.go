package record

import (
	"cmp"
	"slices"
	"time"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
)

// EntryKind says for what a list finds a client.
type EntryKind string

// The kinds. They are stored: a name never changes.
const (
	EntryVisit     EntryKind = "visit"     // a visit begins, whatever its state
	EntryTask      EntryKind = "task"      // a task of the role who is due
	EntryInbox     EntryKind = "inbox"     // something that the role who decides is due; no is its place in the client's inbox
	EntryAlert     EntryKind = "alert"     // an open alert climbs, or did
	EntryOwed      EntryKind = "owed"      // what the client owes in the fee set who, or in both (EntryBoth), in cents
	EntryPayment   EntryKind = "payment"   // a payment came in
	EntryRefund    EntryKind = "refund"    // a refund was approved and is not paid
	EntryWatch     EntryKind = "watch"     // the watch must look at the client from due until until
	EntryClinician EntryKind = "clinician" // who has the client, or takes them over; a course that is open
	EntryTreats    EntryKind = "treats"    // who treats the client now
	EntryChange    EntryKind = "change"    // time alone changes the summary
)

// EntryBoth is who of what a client owes in both fee sets together.
const EntryBoth = "both"

// always is when something is due that has no time of its own to wait for.
var always = time.Unix(0, 0).UTC()

// Entry is a moment or an amount by which lists find a client without opening the chart. Nothing in it is secret: roles, ids of
// staff, times and cents.
type Entry struct {
	Kind  EntryKind
	Who   string
	Due   time.Time
	No    int       // tells equal entries of a client apart
	Until time.Time // zero: for good
	Cents money.Cents
}

// Summary is what lists know of a client.
type Summary struct {
	Line    BoardLine
	Sheet   Sheet
	Entries []Entry // in a fixed order, each once
}

// SummaryForm is the number of SummaryOf. It grows by one with every change of what that gives, so that what an earlier build stored
// is made again.
const SummaryForm = 4

// SummaryOf gives what lists know of a client at a time. It holds until the time of its entry of the kind EntryChange, or for good
// when there is none.
func SummaryOf(c *care.Chart, at time.Time) Summary {
	at = chartTime(c, at)
	s := Summary{Line: boardLine(c, at), Sheet: SheetOf(c, at, at.Add(-sheetFor))}
	add := func(e Entry) { s.Entries = append(s.Entries, e) }
	for i := range c.Visits {
		add(Entry{Kind: EntryVisit, Due: c.Visits[i].Start})
	}
	for _, t := range s.Sheet.Tasks {
		add(Entry{Kind: EntryTask, Who: string(t.Role), Due: t.Due})
		add(Entry{Kind: EntryWatch, Who: string(t.Role), Due: LastClose(c.Policy, c.Zone, t.Due), Until: t.Due.Add(24 * time.Hour)})
	}
	for no, row := range inboxOf(c, at) {
		for _, role := range row.Roles {
			add(Entry{Kind: EntryInbox, Who: string(role), Due: row.Due, No: no})
		}
	}
	for _, a := range c.OpenAlerts() {
		switch {
		case c.AlertState(a, at) == care.StateEscalated:
			add(Entry{Kind: EntryAlert, Due: always}) // by the chart's time, which is ahead of the practice's in a demo
		case c.AlertState(a, a.Due) == care.StateEscalated:
			add(Entry{Kind: EntryAlert, Due: a.Due})
		}
	}
	s.Entries = append(s.Entries, moneyEntries(c)...)
	s.Entries = append(s.Entries, peopleEntries(c, at)...)
	if from, ok := c.LateFrom(); ok {
		add(Entry{Kind: EntryWatch, Due: from})
	}
	for _, n := range c.UrgentToStaff() {
		add(Entry{Kind: EntryWatch, Due: n.At, Until: n.Until})
	}
	if change, ok := c.ChangesAfter(at); ok {
		add(Entry{Kind: EntryChange, Due: change})
	}
	s.Entries = numbered(s.Entries)
	return s
}

// moneyEntries are what a client owes, paid and is owed.
func moneyEntries(c *care.Chart) (out []Entry) {
	medical, talks := c.Balance(money.Medical), c.Balance(money.Psychotherapies)
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		if cents := c.Balance(set); cents != 0 {
			out = append(out, Entry{Kind: EntryOwed, Who: string(set), Due: always, Cents: cents})
		}
	}
	if medical != 0 || talks != 0 {
		out = append(out, Entry{Kind: EntryOwed, Who: EntryBoth, Due: always, Cents: medical + talks})
	}
	for _, p := range c.Account.Payments {
		out = append(out, Entry{Kind: EntryPayment, Due: p.At})
	}
	for _, r := range c.Account.Refunds {
		if !r.Paid {
			out = append(out, Entry{Kind: EntryRefund, Due: r.At})
		}
	}
	return out
}

// peopleEntries are the clinicians of a client.
func peopleEntries(c *care.Chart, at time.Time) (out []Entry) {
	if !c.Closed() {
		for _, who := range c.CliniciansFrom(at) {
			out = append(out, Entry{Kind: EntryClinician, Who: who, Due: always})
		}
	}
	for _, who := range treating(c, at) {
		out = append(out, Entry{Kind: EntryTreats, Who: who, Due: always})
	}
	return out
}

// numbered puts entries in order and tells equal ones apart. Rows of the inbox bring their numbers; times are kept as exactly as the
// database does.
func numbered(entries []Entry) []Entry {
	for i := range entries {
		entries[i].Due, entries[i].Until = entries[i].Due.UTC().Round(time.Microsecond), entries[i].Until.UTC().Round(time.Microsecond)
	}
	order := func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Who, b.Who), a.Due.Compare(b.Due), cmp.Compare(a.No, b.No), a.Until.Compare(b.Until))
	}
	slices.SortStableFunc(entries, order)
	for i := 1; i < len(entries); i++ {
		before, e := entries[i-1], &entries[i]
		if e.Kind == before.Kind && e.Who == before.Who && e.Due.Equal(before.Due) && e.No <= before.No {
			e.No = before.No + 1
		}
	}
	return entries
}

// treating gives the ids of who treats a client now, each once.
func treating(c *care.Chart, at time.Time) (ids []string) {
	for _, k := range treatments {
		ids = append(ids, c.BusyAt(k, at)...)
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// PersonRoles gives roles as entries name them.
func PersonRoles(roles []person.Role) (who []string) {
	for _, r := range roles {
		who = append(who, string(r))
	}
	return who
}
