// Package desk is what a person can do: enrol a client, record a fact, look something up. Authorisation
// and audit happen here, once, for the console and the command line alike.
package desk

import (
	"context"
	"encoding/json"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/record"
)

// Store is what the desk needs of the practice's database.
type Store interface {
	// NewClient writes a client with their first chart, or gives the id of the client who has the same
	// identity already (created false).
	NewClient(ctx context.Context, n care.NewClient) (clientID string, created bool, err error)
	// KnownClient gives what NewClient would find of somebody, and writes nothing.
	KnownClient(ctx context.Context, n care.NewClient) (clientID string, err error)
	// Chart gives a client's chart as last saved, with every handled notification marked; care.ErrNoClient when
	// there is none.
	Chart(ctx context.Context, clientID string) (*care.Chart, error)
	// Enrolled says whether a client has that id.
	Enrolled(ctx context.Context, clientID string) (bool, error)
	// Room says whether the disk of the records has room; care.ErrDiskFull if it has none.
	Room(ctx context.Context) error
	// TakeOver gives a client's chart as the state of a new run of their journey and refuses every save of the runs before.
	TakeOver(ctx context.Context, clientID string) (*care.Chart, error)
	// RefreshOutcomes works out again what clients add to reports whose charts were saved since, of limit clients at most.
	RefreshOutcomes(ctx context.Context, limit int) (int, error)
	// Outcomes gives a page of what clients add to reports, by their ids. It opens no chart.
	Outcomes(ctx context.Context, after string, limit int) (list []record.ClientOutcome, next string, err error)
	// BoardPage gives a page of the board without opening a chart; next has an empty ID at the end.
	BoardPage(ctx context.Context, f record.BoardFilter, after record.BoardPlace, limit int) (lines []record.BoardLine, next record.BoardPlace, err error)
	// Charts gives the rows of some clients.
	Charts(ctx context.Context, clientIDs []string) ([]care.BoardRow, error)
	// Found gives the clients who have what is searched for, by when it is due, limit at most.
	Found(ctx context.Context, f record.EntrySearch, limit int) ([]string, error)
	// CountFound counts what is searched for, each thing once.
	CountFound(ctx context.Context, f record.EntrySearch) (int, error)
	// Owing gives the clients who owe most, limit at most, what all owe in each fee set, and how many have an account that is not even.
	Owing(ctx context.Context, limit int) (ids []string, owed map[money.FeeSet]money.Cents, clients int, err error)
	// RefreshSummaries sums up again what lists know of clients that no longer holds, of limit clients at most.
	RefreshSummaries(ctx context.Context, now time.Time, limit int) (int, error)
	// Sheets gives what a day, which begins at a time, shows of some clients.
	Sheets(ctx context.Context, clientIDs []string, from time.Time) ([]record.Sheet, error)
	// NamesOf gives the preferred names of some clients by their ids.
	NamesOf(ctx context.Context, clientIDs []string) (map[string]string, error)
	// NamesLike shows the names among which all are that have words which begin like some words.
	NamesLike(ctx context.Context, words []string, show func(care.ClientName)) error
	Contact(ctx context.Context, clientID string) (person.Contact, error)
	Messages(ctx context.Context, clientID string) ([]care.Message, error)
	// Facts gives a client's facts, oldest first, private texts as references.
	Facts(ctx context.Context, clientID string) ([]care.Entry, error)
	// HealthRecord gives all that there is about one client, every private text opened; care.ErrNoClient when there
	// is none.
	HealthRecord(ctx context.Context, clientID string) (record.HealthRecord, error)
	// Standing gives where a client stands, and the facts with their texts if factsToo says so of the chart.
	Standing(ctx context.Context, clientID string, factsToo func(*care.Chart) bool) (record.Standing, error)

	// Reserve takes a slot for a visit until the chart that holds it is saved, or says who is busy. A slot
	// that no saved chart confirms lapses after a minute.
	Reserve(ctx context.Context, s care.Slot) (clash string, err error)
	// Busy says who is busy in a slot, as Reserve does, and takes nothing.
	Busy(ctx context.Context, s care.Slot) (clash string, err error)
	// Release gives a reserved slot back after a refusal.
	Release(ctx context.Context, s care.Slot) error
	// Touched gives the clients with a visit that needs a clinician in a stretch of time.
	Touched(ctx context.Context, clinician string, from, to time.Time) ([]string, error)

	// NoteAbsence notes that a clinician is away. The same report again changes nothing; with other days it replaces the
	// absence. The revision counts the changes from 1.
	NoteAbsence(ctx context.Context, a care.Absence) (revision int, err error)
	// EndAbsence ends a noted absence at an instant, or takes it back, and gives it as it was noted.
	EndAbsence(ctx context.Context, id string, at *time.Time) (a care.Absence, revision int, found bool, err error)
	// ToldOfAbsence gives the clients whose records know of an absence.
	ToldOfAbsence(ctx context.Context, id string) ([]string, error)
	// Absences gives the noted absences that touch a stretch of time, by their starts.
	Absences(ctx context.Context, from, to time.Time) ([]care.Absence, error)
	// Away gives the people a slot needs who are away at some time of it.
	Away(ctx context.Context, s care.Slot) ([]string, error)

	// Erase destroys the key of a client's record, for good. The store must be opened as the owner of the tables.
	Erase(ctx context.Context, clientID string) error

	// ChangeBilling changes what documents need to know of a client; care.ErrNoClient when there is none.
	ChangeBilling(ctx context.Context, clientID string, change care.BillingChange) error

	// CloseLinks closes every open link of a client and ends the browser passes that they gave.
	CloseLinks(ctx context.Context, clientID string) error
	// Hide stores a private text encrypted and gives its reference ("ref:…").
	Hide(ctx context.Context, clientID, field, text string) (ref string, err error)
	// FactAnswer gives the number of a fact that was recorded under an id, for ids the chart has forgotten.
	FactAnswer(ctx context.Context, clientID, factID string) (seq int, found bool, err error)
	// TakeEvent takes in what a provider told us; fresh is false when it was taken in before.
	TakeEvent(ctx context.Context, e message.ProviderEvent) (fresh bool, err error)
	// WaitingEvents gives what no journey has heard of yet, oldest first.
	WaitingEvents(ctx context.Context, limit int) ([]message.ProviderEvent, error)
	// EventRelayed notes that everybody who had to hear of an event has, and what is left for the coordinator.
	EventRelayed(ctx context.Context, e message.ProviderEvent, at time.Time, left *message.WorklistItem) error
	// Books gives the whole books of a fee set.
	Books(ctx context.Context, set money.FeeSet) (money.Books, error)
	// FirstPosting gives the first day of the month of the first posting; zero: nothing was posted yet.
	FirstPosting(ctx context.Context) (month time.Time, err error)
	// Closings gives every closed month, oldest first.
	Closings(ctx context.Context) ([]money.Closing, error)
	// CloseMonth exports and closes a month, and gives the bytes that export made.
	CloseMonth(ctx context.Context, set money.FeeSet, month string, by person.Actor, export func(money.Books) []byte) (money.Closing, []byte, error)
	// Worklist gives what waits on the coordinator's list.
	Worklist(ctx context.Context) ([]message.WorklistItem, error)
	// EndWorklistItem takes a worklist item that a person settled off the list; ended is false when no such worklist item is open.
	EndWorklistItem(ctx context.Context, id string, by person.Actor, at time.Time) (ended bool, err error)
	// AssignReply notes whose words a text from a shared number has, and gives the text back to be brought to their journey; done
	// is false when no such text waits.
	AssignReply(ctx context.Context, a message.Assignment) (e message.ProviderEvent, done bool, err error)
	// DeliveryByRef gives the key of the delivery that a provider reports on.
	DeliveryByRef(ctx context.Context, ref string) (key message.DeliveryKey, found bool, err error)
	// ClientsByPhone gives the clients who are reached on a number.
	ClientsByPhone(ctx context.Context, phone string) ([]string, error)
	// KeepDraft keeps what somebody typed into a form; Draft gives it, and EndDraft forgets it.
	KeepDraft(ctx context.Context, d care.Draft, now time.Time) error
	Draft(ctx context.Context, personID, about, form string, now time.Time) (d care.Draft, found bool, err error)
	EndDraft(ctx context.Context, personID, about, form string) error
	// NewFeed makes a person's calendar feed in place of the one before, and gives its secret; EndFeed ends it.
	NewFeed(ctx context.Context, personID string, now time.Time) (secret string, err error)
	EndFeed(ctx context.Context, personID string) (ended bool, err error)
	// FeedOf gives a person's calendar feed, and Feed the one behind a secret; person.ErrNoFeed if there is none.
	FeedOf(ctx context.Context, personID string) (person.Feed, error)
	Feed(ctx context.Context, secret string) (person.Feed, error)
	// FeedRead notes the day of which the audit log has a row of a feed.
	FeedRead(ctx context.Context, personID, day string) error
	// Changes gives a mark that is another one after each change of any record or of the worklist.
	Changes(ctx context.Context) (mark string, err error)
	// Audit notes who did or tried what. When it fails, the request fails.
	Audit(ctx context.Context, by person.Actor, action, subject string, detail json.RawMessage) error
	// AuditOf gives everything that was done or tried about a subject, oldest first.
	AuditOf(ctx context.Context, subject string) ([]care.AuditEvent, error)
	// CheckAudit goes along the audit log's chain and gives its head; it fails when a row is not as it was written.
	CheckAudit(ctx context.Context) (head []byte, err error)
	// Journal gives up to limit lines after a sequence number, oldest first.
	Journal(ctx context.Context, after int64, limit int) ([]care.JournalLine, error)
	// JournalSince gives, oldest first, those of the newest limit lines that were written at or after a time, of the clients with the newest
	// ones: clients at most.
	JournalSince(ctx context.Context, since time.Time, limit, clients int) ([]care.JournalLine, error)
}
