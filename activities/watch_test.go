package activities_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/record"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// list is the coordinator's list in memory.
type list struct {
	late     []message.LateDelivery
	claimed  []message.DeliveryKey // keys of deliveries that the register knows
	worklist map[string]message.WorklistItem
	ended    map[string]bool
	told     map[string]bool
	drafts   time.Time // those that ended by then were forgotten

	unaudited []message.WorklistItem // what looking for audit rows finds
}

func (l *list) LateDeliveries(_ context.Context, before time.Time) ([]message.LateDelivery, error) {
	return slices.DeleteFunc(slices.Clone(l.late), func(x message.LateDelivery) bool { return x.Since.After(before) }), nil
}

func (l *list) ForgetDrafts(_ context.Context, now time.Time) error {
	l.drafts = now
	return nil
}

func (l *list) NeverClaimed(_ context.Context, keys []message.DeliveryKey) ([]message.DeliveryKey, error) {
	return slices.DeleteFunc(slices.Clone(keys), func(k message.DeliveryKey) bool { return slices.Contains(l.claimed, k) }), nil
}

func (l *list) KeepWorklist(_ context.Context, kind message.WorklistKind, _ time.Time, list []message.WorklistItem) error {
	maps.DeleteFunc(l.worklist, func(_ string, m message.WorklistItem) bool { return m.Kind == kind })
	for _, m := range list {
		l.worklist[m.ID()] = m
	}
	return nil
}

func (l *list) Worklist(context.Context) ([]message.WorklistItem, error) {
	var out []message.WorklistItem
	for _, id := range slices.Sorted(maps.Keys(l.worklist)) {
		if !l.ended[id] {
			out = append(out, l.worklist[id])
		}
	}
	return out, nil
}

func (l *list) ReconcileFacts(_ context.Context, at time.Time) error {
	for _, m := range l.unaudited {
		m.Since = at
		l.worklist[m.ID()] = m
	}
	return nil
}

func (l *list) StaffNotified(_ context.Context, key string) (bool, error) { return l.told[key], nil }

func (l *list) NoteStaffNotified(_ context.Context, _ time.Time, keys ...string) error {
	for _, k := range keys {
		l.told[k] = true
	}
	return nil
}

// board is a practice's clients in memory.
type board []care.BoardRow

func (b board) AtWork(context.Context, time.Time, time.Time, string, int) (ids []string, next string, err error) {
	for _, r := range b {
		ids = append(ids, r.ClientID)
	}
	return ids, "", nil
}

func (b board) RefreshOutcomes(context.Context, int) (int, error) { return 0, nil }

func (b board) IndexNames(context.Context, int) (int, error) { return 0, nil }
func (b board) SaveChart(context.Context, care.Save) error   { return nil }

func (b board) Charts(_ context.Context, ids []string) ([]care.BoardRow, error) {
	return slices.DeleteFunc(slices.Clone(b), func(r care.BoardRow) bool { return !slices.Contains(ids, r.ClientID) }), nil
}

func (b board) RefreshSummaries(context.Context, time.Time, int) (int, error) { return 0, nil }

// Found finds by what summaries say at the time of the look.
func (b board) Found(_ context.Context, f record.EntrySearch, _ int) (ids []string, err error) {
	for _, r := range b {
		if slices.ContainsFunc(record.SummaryOf(r.Chart, f.Until).Entries, func(e record.Entry) bool {
			return e.Kind == f.Kind && slices.Contains(f.Who, e.Who) && e.Due.Before(f.To) && (e.Until.IsZero() || !e.Until.Before(f.Until))
		}) {
			ids = append(ids, r.ClientID)
		}
	}
	return ids, nil
}

var watchPolicy = policy.Policy{Practice: policy.PracticeInfo{DisplayName: "Cedar Office", Coordinator: "coordinator@practice.example"},
	Places: []policy.Place{{ID: "main", Neutral: "our office", Outpatient: true}},
	Clinicians: []policy.Clinician{{ID: "dr", Role: person.Physician, Email: "dr@practice.example"}, {ID: "psy", Role: person.Psychotherapist, Email: "psy@practice.example"},
		{ID: "other", Role: person.Psychotherapist, Email: "other@practice.example"}},
	Tasks: policy.Tasks{DueDays: 1}, Visits: policy.Visits{OutcomeDueHours: 20}}

func client(id string, visits ...care.Visit) care.BoardRow {
	z := clock.ZoneOf(time.UTC, noon)
	return care.BoardRow{ClientID: id, Chart: &care.Chart{ClientID: id, Policy: watchPolicy, Zone: z, ClientZone: z, EnrolledAt: noon.AddDate(0, 0, -30), Visits: visits, Physician: "dr", Psychotherapist: "psy"}}
}

func watching(rows ...care.BoardRow) (*bundle, *list) {
	b := setup()
	l := &list{worklist: map[string]message.WorklistItem{}, ended: map[string]bool{}, told: map[string]bool{}}
	b.acts.List, b.acts.Records, b.acts.Practice, b.acts.Zone = l, board(rows), watchPolicy, clock.ZoneOf(time.UTC, noon)
	return b, l
}

func (b *bundle) watch(t *testing.T, at time.Time) activities.WatchResult {
	t.Helper()
	out, err := b.acts.Watch(t.Context(), activities.WatchInput{Asked: at})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Tasks that cannot wait are mailed to whoever owes them, once for each person and deadline, and the mail says nothing of
// them; however often somebody looks, nothing is mailed again (field case 9).
func TestPressingTasksAreMailedToTheirRoleOnce(t *testing.T) {
	t.Parallel()
	row := client("client-a")
	due := noon.Add(2 * time.Hour) // 21:00, on a Tuesday
	for _, x := range []care.Issue{{Task: "message-failed", About: "x", Role: person.Coordinator}, {Task: "address-bad", About: "sms", Role: person.Coordinator},
		{Task: "decide", About: "substance-dependence", Role: person.Physician}, {Task: "read-reply", About: "reply-1", Role: person.Psychotherapist}, {Task: "room", About: "x", Role: person.Nurse}} {
		x.At, x.Due = noon.Add(-4*time.Hour), due
		row.Chart.Issues = append(row.Chart.Issues, x)
	}
	row.Chart.Screening = &care.Screening{At: noon} // nothing else is owed
	b, _ := watching(row)
	at := time.Date(2027, 3, 2, 16, 0, 0, 0, time.UTC)
	for range 48 {
		b.watch(t, at)
		at = at.Add(time.Minute)
	}
	var to []string
	for _, m := range b.sender.sent {
		to = append(to, m.To)
		if m.Template != message.TemplateTask || m.Channel != person.Email || strings.Contains(m.Key, "substance") {
			t.Errorf("mailed: %+v", m)
		}
	}
	slices.Sort(to)
	if want := []string{"coordinator@practice.example", "dr@practice.example", "psy@practice.example"}; !slices.Equal(to, want) {
		t.Errorf("mailed to %v, want %v", to, want)
	}
	// A later deadline is another time that it is owed.
	row.Chart.Issues[2].Due = due.Add(30 * time.Minute)
	if b.watch(t, at); len(b.sender.sent) != 4 || b.sender.sent[3].To != "dr@practice.example" {
		t.Errorf("after the deadline moved: %d mails", len(b.sender.sent))
	}
}

// A mail to staff that surely did not leave is tried again; one of which nobody knows is not.
func TestMailToStaffIsTriedAgainOnlyWhenItSurelyStayed(t *testing.T) {
	t.Parallel()
	for state, want := range map[message.State]int{message.StatePlanned: 3, message.StateUnknown: 1, message.StateSent: 1, message.StateRejected: 1} {
		row := client("client-a")
		row.Chart.Issues = []care.Issue{{Task: "message-failed", About: "x", Role: person.Coordinator, At: noon.Add(-4 * time.Hour), Due: noon.Add(time.Hour)}}
		row.Chart.Screening = &care.Screening{At: noon}
		b, _ := watching(row)
		b.sender.receipt = activities.Receipt{State: state}
		for range 3 {
			b.watch(t, time.Date(2027, 3, 2, 16, 0, 0, 0, time.UTC))
		}
		if n := len(b.sender.sent); n != want {
			t.Errorf("%s: mailed %d times, want %d", state, n, want)
		}
	}
}

// What nobody took up and what has no end is one row each on the list, for as long as it is so; the coordinator is mailed
// of what is new, in one mail.
func TestWatchListsEachLateMessageOnce(t *testing.T) {
	t.Parallel()
	b, l := watching()
	at := noon
	delivery := func(n string) message.LateDelivery {
		return message.LateDelivery{Key: message.DeliveryKeyOf("client-a", message.Key{Verb: message.Verb(n)}, person.SMS), ClientID: "client-a", Channel: person.SMS, Template: message.TemplateReminder, To: person.Client, State: message.StateUnknown, Since: at.Add(-5 * time.Minute)}
	}
	l.late = []message.LateDelivery{delivery("one"), delivery("two"), {Key: message.DeliveryKeyOf("client-a", message.Key{Verb: "young"}, person.SMS), Since: at.Add(-3 * time.Minute)}}
	for range 48 {
		if got := b.watch(t, at); got.Late != 2 {
			t.Fatalf("late: %+v", got)
		}
	}
	if !l.drafts.Equal(at) {
		t.Errorf("drafts that ended by %s were forgotten", l.drafts)
	}
	if len(l.worklist) != 2 || len(b.sender.sent) != 1 || b.sender.sent[0].Template != message.TemplateWorklist {
		t.Errorf("%d rows, %d mails", len(l.worklist), len(b.sender.sent))
	}
	l.late = l.late[1:]
	if b.watch(t, at); len(l.worklist) != 1 || len(b.sender.sent) != 1 {
		t.Errorf("after one ended: %d rows, %d mails", len(l.worklist), len(b.sender.sent))
	}
}

// Each person's list is theirs, holds nothing clinical, and is mailed once a day however often it is tried. What it named
// is not mailed again by itself.
func TestMorningListsArePersonalAndMailedOnce(t *testing.T) {
	t.Parallel()
	b, l := watching(
		client("client-b", care.Visit{ID: "infusion-1", Kind: visit.Infusion, Status: visit.Booked, Start: noon.Add(3 * time.Hour), Minutes: 50, Place: "main"}),
		client("client-a", care.Visit{ID: "preparation-2", Kind: visit.Preparation, Status: visit.Booked, Start: noon.Add(time.Hour), Minutes: 50, Place: "main"}),
		client("client-c", care.Visit{ID: "consult-1", Kind: visit.Consult, Status: visit.Booked, Start: noon.AddDate(0, 0, 2), Minutes: 60, Place: "main"}),
	)
	l.worklist["m"] = message.WorklistItem{Kind: message.WorklistLate, About: "client-a/remind/infusion-1/v1/1d/sms", ClientID: "client-a", Words: "Visit reminder", Since: noon.Add(-time.Hour)}
	early := time.Date(2027, 3, 2, 7, 30, 0, 0, time.UTC)
	for range 2 {
		if err := b.acts.MailMorningList(t.Context(), activities.MorningListInput{Asked: early}); err != nil {
			t.Fatal(err)
		}
	}
	texts := map[string]string{}
	for _, m := range b.sender.sent {
		if texts[m.To] != "" {
			t.Errorf("%s got two lists", m.To)
		}
		texts[m.To] = m.Text
		for _, text := range []string{m.Text, m.Subject} {
			if word := wording.BannedWord(text); word != "" {
				t.Errorf("the list of %s says %q:\n%s", m.To, word, text)
			}
		}
	}
	for to, want := range map[string][]string{
		"coordinator@practice.example": {"Coming today (2)", "8:00 PM  client-a, our office", "10:00 PM  client-b, our office", "Waiting at the practice (3)", "Yours to do", "Overdue (3)", "Messages that need a look (1)", "client-a  since"},
		"psy@practice.example":         {"Coming today (2)", "client-a", "client-b", "Yours to do (3)", "client-a  1 to do, 1 overdue"},
		"dr@practice.example":          {"Coming today (1)", "10:00 PM  client-b, our office", "Yours to do"},
	} {
		at := 0
		for _, w := range want {
			i := strings.Index(texts[to][at:], w)
			if i < 0 {
				t.Fatalf("the list of %s lacks %q, or has it in another place:\n%s", to, w, texts[to])
			}
			at += i
		}
	}
	if _, mailed := texts["other@practice.example"]; mailed {
		t.Error("somebody without clients got a list")
	}
	// What was on the list by tonight is not mailed by itself.
	row := client("client-d")
	row.Chart.Screening = &care.Screening{At: noon}
	row.Chart.Issues = []care.Issue{{Task: "message-failed", About: "x", Role: person.Coordinator, At: early, Due: noon}}
	b, _ = watching(row)
	if err := b.acts.MailMorningList(t.Context(), activities.MorningListInput{Asked: early}); err != nil {
		t.Fatal(err)
	}
	lists := len(b.sender.sent)
	if b.watch(t, time.Date(2027, 3, 2, 16, 0, 0, 0, time.UTC)); len(b.sender.sent) != lists {
		t.Errorf("%d lists, then %d mails", lists, len(b.sender.sent))
	}
}

// Words of danger that no journey could take are mailed to the coordinator, both clinicians and the on-call contact, once.
func TestDangerThatNoJourneyTakesIsMailedToNamedPeople(t *testing.T) {
	t.Parallel()
	for clientID, want := range map[string][]string{
		"client-a": {"coordinator@practice.example", "dr@practice.example", "on-call@practice.example", "other@practice.example"},
		"":         {"coordinator@practice.example", "dr@practice.example", "on-call@practice.example", "psy@practice.example"},
	} {
		row := client("client-a")
		row.Chart.Screening, row.Chart.Psychotherapist = &care.Screening{At: noon}, "other"
		b, l := watching(row)
		b.acts.Practice.Practice.OnCall = "on-call@practice.example"
		item := message.WorklistItem{Kind: message.WorklistDanger, About: "SM1", ClientID: clientID, Words: "+13035550199 wrote: I want to die", Since: noon}
		l.worklist[item.ID()] = item
		b.watch(t, noon)
		b.watch(t, noon.Add(time.Hour))
		if to := b.alarmed(t); !slices.Equal(to, want) {
			t.Errorf("of client %q mailed to %v, want %v", clientID, to, want)
		}
	}
}

// alarmed gives the addresses to which worklist mails went, and fails if one says what was written.
func (b *bundle) alarmed(t *testing.T) (to []string) {
	t.Helper()
	for _, m := range b.sender.sent {
		if m.Template == message.TemplateWorklist {
			to = append(to, m.To)
		}
		if strings.Contains(m.Text, "die") {
			t.Errorf("the mail says what was written: %s", m.Text)
		}
	}
	slices.Sort(to)
	return to
}

// Words of danger from a number that two clients share are mailed to the clinicians of both, once, and say nothing of the words.
func TestDangerFromASharedNumberIsMailedToTheCliniciansOfAll(t *testing.T) {
	t.Parallel()
	one, two := client("client-a"), client("client-b")
	two.Chart.Psychotherapist = "other"
	b, l := watching(one, two)
	item := message.WorklistItem{Kind: message.WorklistAlarm, About: "twilio:SM1", Clients: []string{"client-a", "client-b"}, Words: "+13035550199 wrote: I want to die", Since: noon}
	l.worklist[item.ID()] = item
	b.watch(t, noon)
	b.watch(t, noon.Add(time.Hour))
	to := b.alarmed(t)
	if want := []string{"coordinator@practice.example", "dr@practice.example", "other@practice.example", "psy@practice.example"}; !slices.Equal(to, want) {
		t.Errorf("mailed to %v, want %v", to, want)
	}
}

// A fact that the audit log knows nothing of is mailed to the coordinator like everything else that is new on the list, once.
func TestWatchTellsOfFactsThatNobodyReported(t *testing.T) {
	t.Parallel()
	b, l := watching(client("client-a"))
	l.unaudited = []message.WorklistItem{{Kind: message.WorklistUnaudited, About: "client-a/fact/3", ClientID: "client-a", Words: "ask who did"}}
	first, second := b.watch(t, noon), b.watch(t, noon.Add(5*time.Minute))
	if first.Mailed != 1 || second.Mailed != 0 {
		t.Errorf("mailed %d and then %d", first.Mailed, second.Mailed)
	}
}
