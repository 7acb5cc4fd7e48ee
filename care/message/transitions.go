package message

import (
	"slices"
	"time"
)

// Event is something that happens to a Delivery: the decision before it is sent, the provider's answer, or a report that
// comes later. The sentences of the events are in the table.
type Event string

// The events.
const (
	Granted           Event = "granted"
	Interrupted       Event = "interrupted"
	Withheld          Event = "withheld"
	Capped            Event = "capped"
	Stopped           Event = "stopped"
	Superseded        Event = "superseded"
	Expired           Event = "expired"
	QuietHours        Event = "quiet hours"
	AccountRefused    Event = "account refused"
	NotTaken          Event = "not taken"
	Unanswered        Event = "unanswered"
	Taken             Event = "taken"
	Delivered         Event = "delivered"
	Complained        Event = "complained"
	BadlyAddressed    Event = "badly addressed"
	OptedOut          Event = "opted out"
	PhoneOff          Event = "phone off"
	RefusedForAccount Event = "refused for our account"
	ForAPerson        Event = "for a person"
	WentStale         Event = "went stale"
	Refused           Event = "refused"
)

// Act is one thing that can follow an event. The sentences of the acts are in Acts.
type Act string

// The acts.
const (
	AskProvider        Act = "ask the provider"
	AskProviderAgain   Act = "ask again"
	TryAgain           Act = "try again later"
	LookUp             Act = "look it up"
	SendOnceMore       Act = "send once more"
	OtherChannel       Act = "other channel"
	OtherIfNothingWent Act = "other channel if nothing went"
	OtherIfSilent      Act = "other channel if silent"
	MarkAddress        Act = "mark the address"
	EndChannel         Act = "end the channel"
	TellAccount        Act = "tell of our account"
	AccountWorks       Act = "our account works"
	TellPerson         Act = "tell a person"
)

// ActRow says what one act means.
type ActRow struct {
	Act   Act
	Words string
}

var acts = []ActRow{
	{AskProvider, "The provider is asked to send it."},
	{AskProviderAgain, "A sender that recognizes the delivery's key is asked again. With any other sender it counts as unanswered."},
	{TryAgain, "It is claimed again after a minute, and then after twice as long each time. After five tries the other channel takes over from a text that goes alone."},
	{LookUp, "The provider's list is asked for a text. Email has no list."},
	{SendOnceMore, "A text is sent once more, if half an hour of its use is left then. Nothing else follows in that case."},
	{OtherChannel, "The other channel takes over, unless another delivery of the notification reached the client or still may."},
	{OtherIfNothingWent, "The other channel takes over, unless another delivery of the notification was tried."},
	{OtherIfSilent, "The other channel takes over from a text that goes alone and that nobody reports as delivered."},
	{MarkAddress, "The address is not used until it changes, and a person asks for another."},
	{EndChannel, "Nothing more goes out on the channel, and a person agrees on another."},
	{TellAccount, "A person looks into our account with the provider."},
	{AccountWorks, "What a person was asked about our account with the provider is settled."},
	{TellPerson, "A person tells the client."},
}

// Step is one act, how long after the event it is done, and the task of a person if there is no other channel, or no time.
type Step struct {
	Do    Act
	After time.Duration
	Else  string
}

// Row says what one event does to a delivery and what follows. Every state stands in one of From, Kept and Ignored.
type Row struct {
	On      Event
	Faults  []Fault // that tell it from other events that lead to the same state
	From    []State // in these it counts …
	To      State   // … and leads here
	Kept    []State // these it leaves as they are, but what follows is done
	Ignored []State // in these it changes nothing and nothing follows
	Then    []Step  // in this order; SendOnceMore, if it can be done, is the last
	Words   string
}

// Table is the life of a delivery.
type Table []Row

// Groups of states, for the table.
var (
	unclaimed = []State{StateNew}
	unsent    = []State{StateNew, StatePlanned}                              // the decision is still to be taken
	sending   = []State{StateSending}                                        // a sender is at it
	out       = []State{StateUnknown, StateSent}                             // it may have left
	open      = []State{StatePlanned, StateSending, StateUnknown, StateSent} // a report may change it
	ended     = []State{StateDelivered, StateRejected, StateSuppressed, StateExpired, StateSuperseded}
)

func and(groups ...[]State) []State { return slices.Concat(groups...) }

// Steps that several rows have.
var (
	otherOrPerson = Step{Do: OtherChannel, Else: "message-failed"}
	tryAgain      = []Step{{Do: TryAgain}}
)

// table is the one place that says what moves a delivery and what follows. The first rows are decided before it is sent,
// inside the transaction that claims it; the middle ones are answers of a sender; the last come as answer or as report.
// Of the rows that lead to one state, the last one is for every fault that no other row names.
var table = Table{
	{On: Interrupted, From: sending, To: StateSending, Ignored: and(unsent, out, ended), Then: []Step{{Do: AskProviderAgain}},
		Words: "It is claimed, and an earlier try claimed it without an end."},
	{On: Granted, From: unsent, To: StateSending, Ignored: and(sending, out, ended), Then: []Step{{Do: AskProvider}},
		Words: "It is claimed, and nothing speaks against sending it now."},
	{On: Superseded, From: unsent, To: StateSuperseded, Ignored: and(sending, out, ended),
		Words: "The visit was changed."},
	{On: Expired, From: unsent, To: StateExpired, Ignored: and(sending, out, ended),
		Words: "It is of no use any more."},
	{On: Capped, Faults: []Fault{FaultCapped}, From: unsent, To: StateSuppressed, Ignored: and(sending, out, ended), Then: []Step{{Do: OtherIfNothingWent, Else: "texts-full"}},
		Words: "The client had all the texts that the practice's limit allows."},
	{On: Stopped, Faults: []Fault{FaultOptedOut}, From: unsent, To: StateSuppressed, Ignored: and(sending, out, ended), Then: []Step{{Do: EndChannel}, otherOrPerson},
		Words: "The number has opted out, also if another client gave the opt-out."},
	{On: Withheld, From: unsent, To: StateSuppressed, Ignored: and(sending, out, ended),
		Words: "It is no longer due, or there is no consent on this channel."},

	{On: QuietHours, Faults: []Fault{FaultQuiet}, From: and(unsent, sending), To: StatePlanned, Ignored: and(out, ended), Then: tryAgain,
		Words: "It is night where the client is, by our rules or the provider's."},
	{On: AccountRefused, Faults: []Fault{FaultConfiguration}, From: and(unsent, sending), To: StatePlanned, Ignored: and(out, ended), Then: []Step{{Do: TellAccount}, {Do: TryAgain}},
		Words: "The provider refuses our account, now or a moment ago."},
	{On: NotTaken, Faults: []Fault{FaultThrottle, FaultNotSent}, From: sending, To: StatePlanned, Ignored: and(unsent, out, ended), Then: tryAgain,
		Words: "The provider asked to wait, or was not reached."},
	{On: Unanswered, From: []State{StatePlanned, StateSending}, To: StateUnknown, Ignored: and(unclaimed, out, ended), Then: []Step{{Do: LookUp, After: 2 * time.Minute}, {Do: OtherChannel, After: 10 * time.Minute, Else: "message-unknown"}},
		Words: "The provider was asked, and its answer is not known."},

	{On: Taken, From: []State{StatePlanned, StateSending, StateUnknown}, To: StateSent, Ignored: and(unclaimed, []State{StateSent}, ended), Then: []Step{{Do: AccountWorks}, {Do: OtherIfSilent, After: 30 * time.Minute}},
		Words: "The provider has it."},
	{On: Complained, Faults: []Fault{FaultOptedOut}, From: open, To: StateDelivered, Kept: ended, Ignored: unclaimed, Then: []Step{{Do: AccountWorks}, {Do: EndChannel}},
		Words: "It arrived, and the receiver wants no more of them."},
	{On: Delivered, From: open, To: StateDelivered, Ignored: and(unclaimed, ended), Then: []Step{{Do: AccountWorks}},
		Words: "It arrived."},
	{On: BadlyAddressed, Faults: []Fault{FaultAddress}, From: open, To: StateRejected, Ignored: and(unclaimed, ended), Then: []Step{{Do: MarkAddress}, otherOrPerson},
		Words: "Nobody is reached at the address."},
	{On: OptedOut, Faults: []Fault{FaultOptedOut}, From: open, To: StateRejected, Kept: ended, Ignored: unclaimed, Then: []Step{{Do: EndChannel}, otherOrPerson},
		Words: "The receiver told the carrier or the provider to stop."},
	{On: PhoneOff, Faults: []Fault{FaultTransient, FaultQuiet}, From: open, To: StateRejected, Ignored: and(unclaimed, ended), Then: []Step{{Do: SendOnceMore, After: 2 * time.Hour}, otherOrPerson},
		Words: "The phone was off or out of reach, or the carrier held it back at this hour."},
	{On: RefusedForAccount, Faults: []Fault{FaultConfiguration}, From: open, To: StateRejected, Ignored: and(unclaimed, ended), Then: []Step{{Do: TellAccount}, otherOrPerson},
		Words: "The carrier refused it because our account is not in order."},
	{On: ForAPerson, Faults: []Fault{FaultPerson}, From: open, To: StateRejected, Ignored: and(unclaimed, ended), Then: []Step{{Do: TellPerson}},
		Words: "Only a person can tell what to do."},
	{On: WentStale, Faults: []Fault{FaultStale}, From: open, To: StateRejected, Ignored: and(unclaimed, ended),
		Words: "It waited at the provider until it was of no use any more."},
	{On: Refused, Faults: []Fault{FaultContent, FaultUnrecognised}, From: open, To: StateRejected, Ignored: and(unclaimed, ended), Then: []Step{otherOrPerson},
		Words: "It is not carried, for its text, its sender, or a reason that no table knows."},
}

// Transitions gives the table.
func Transitions() Table { return slices.Clone(table) }

// Next says where an event leads from a state. counts is false if it is ignored there: the state stays, and nothing
// follows.
func Next(from State, on Event) (to State, counts bool) {
	r := table.row(on)
	switch {
	case slices.Contains(r.From, from):
		return r.To, true
	case slices.Contains(r.Kept, from):
		return from, true
	}
	return from, false
}

// EventOf gives the event behind the state and the fault that a decision, an answer or a report carries; ok is false if
// it carries a state that is none.
func EventOf(told State, fault Fault) (on Event, ok bool) {
	for _, r := range table {
		if r.To != told {
			continue
		}
		if on, ok = r.On, true; slices.Contains(r.Faults, fault) {
			break
		}
	}
	return on, ok
}

// After gives what follows an event, in a state in which it counts.
func After(on Event) Steps { return table.row(on).Then }

// Follows gives what follows a decision, an answer or a report by the state and the fault that it carries.
func Follows(told State, fault Fault) Steps {
	on, _ := EventOf(told, fault)
	return After(on)
}

// Steps are what follows an event, in their order.
type Steps []Step

// Have says whether an act is among the steps.
func (s Steps) Have(do Act) bool {
	return slices.ContainsFunc(s, func(x Step) bool { return x.Do == do })
}

// row finds an event's row, or an empty one.
func (t Table) row(on Event) Row {
	if i := slices.IndexFunc(t, func(r Row) bool { return r.On == on }); i >= 0 {
		return t[i]
	}
	return Row{}
}
