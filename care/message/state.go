package message

import "slices"

// State is where a Delivery stands in the register. What moves it from one to another is decided by the table in
// transitions.go alone. The sentences of the states are in States.
type State string

// The states.
const (
	StateNew        State = "" // nobody has claimed it
	StatePlanned    State = "planned"
	StateSending    State = "sending"
	StateUnknown    State = "unknown"
	StateSent       State = "sent"
	StateDelivered  State = "delivered"
	StateRejected   State = "rejected"
	StateSuppressed State = "suppressed"
	StateExpired    State = "expired"
	StateSuperseded State = "superseded"
)

// Result is how a Notification ended, over all its channels. The sentences of the results are in Results.
type Result string

// The results, each with more weight than the ones before it.
const (
	ResultSuppressed Result = "suppressed"
	ResultExpired    Result = "expired"
	ResultFailed     Result = "failed"
	ResultUnknown    Result = "unknown"
	ResultSent       Result = "sent"
	ResultDeferred   Result = "deferred"
)

// ResultBegun stands in a chart's Handled while a notification is under way. It is no end.
const ResultBegun Result = "begun"

// StateRow says of one state what it means, and what its notification comes to if no other channel weighs more.
type StateRow struct {
	State  State
	Result Result
	Words  string
}

var states = []StateRow{
	{StateNew, ResultDeferred, "Nobody has claimed the delivery yet."},
	{StatePlanned, ResultDeferred, "It surely did not leave, and is kept for another try."},
	{StateSending, ResultUnknown, "A worker has claimed it and is sending it now, or died doing so."},
	{StateUnknown, ResultUnknown, "It may have left, and it may not."},
	{StateSent, ResultSent, "A provider has taken it."},
	{StateDelivered, ResultSent, "A provider reported that it arrived."},
	{StateRejected, ResultFailed, "It surely did not reach the client."},
	{StateSuppressed, ResultSuppressed, "It was not sent: it was no longer due, or could not be sent on this channel."},
	{StateExpired, ResultExpired, "It was not sent: the time in which it was of use had passed."},
	{StateSuperseded, ResultSuppressed, "It was not sent: the visit it speaks of was changed."},
}

// ResultRow says what one result means.
type ResultRow struct {
	Result Result
	Words  string
}

// results are in the order of their weight, the lightest first.
var results = []ResultRow{
	{ResultSuppressed, "No channel was used: it was no longer due, or no channel was open. If it still stands, a person tells the client."},
	{ResultExpired, "It was no longer useful when it could be sent. A person is told if it had waited for a provider. So they are if it is about a visit: booked, moved, canceled, or how to prepare for it."},
	{ResultFailed, "It surely reached nobody."},
	{ResultUnknown, "Nobody knows yet whether it left."},
	{ResultSent, "At least one channel carried it."},
	{ResultDeferred, "It stays owed: the open hours ended, or a provider was away, before it could be sent."},
}

// States gives every state with its meaning.
func States() []StateRow { return slices.Clone(states) }

// Results gives every result with its meaning, the lightest first.
func Results() []ResultRow { return slices.Clone(results) }

// Result is what a notification comes to if this is the state of its weightiest delivery.
func (s State) Result() Result {
	for _, row := range states {
		if row.State == s {
			return row.Result
		}
	}
	return ""
}

// Final says whether nothing moves a delivery out of the state.
func (s State) Final() bool {
	return !slices.ContainsFunc(table, func(r Row) bool { return r.To != s && slices.Contains(r.From, s) })
}

// Claimable says whether a sender may still take the delivery up: nobody did, it is kept for another try, or an earlier
// try claimed it and did not end.
func (s State) Claimable() bool {
	_, decided := Next(s, Granted)
	_, begun := Next(s, Interrupted)
	return decided || begun
}

// StatesOf gives the states of deliveries, not of new ones, that come to one of some results.
func StatesOf(of ...Result) (out []State) {
	for _, row := range states {
		if row.State != StateNew && slices.Contains(of, row.Result) {
			out = append(out, row.State)
		}
	}
	return out
}

// ResultOf sums up the ends of one notification's deliveries: one that went out is enough, but one that waits keeps the
// notification owed. A notification without a delivery is suppressed.
func ResultOf(ends []DeliveryEnd) Result {
	sum := 0
	for _, e := range ends {
		sum = max(sum, slices.IndexFunc(results, func(r ResultRow) bool { return r.Result == e.State.Result() }))
	}
	return results[sum].Result
}
