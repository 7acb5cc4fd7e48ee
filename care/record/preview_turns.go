package record

import (
	"slices"
	"strconv"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// VisitTurn is a visit that is booked, moved or gets another state.
type VisitTurn struct {
	ID    string       `json:"id"`
	What  string       `json:"what"` // booked, moved, confirmed, or the new status
	From  time.Time    `json:"from,omitzero"`
	To    time.Time    `json:"to"` // its start
	State visit.Status `json:"state"`
	Words string       `json:"words"`
	Gates []care.Gate  `json:"gates,omitempty"` // of an infusion that gets a time: as they stand for that time
}

// visitTurns compares the visits of two charts. No fact takes a visit away.
func visitTurns(before, after *care.Chart, now time.Time) (out []VisitTurn) {
	for i := range after.Visits {
		is := &after.Visits[i]
		was := before.Visit(is.ID)
		what, words := visitTurn(was, is, after, now)
		if what == "" {
			continue
		}
		t := VisitTurn{ID: is.ID, What: what, To: is.Start, State: is.Status, Words: is.Name() + words}
		if was != nil {
			t.From = was.Start
		}
		if is.Kind == visit.Infusion && is.Open() && (was == nil || !was.Start.Equal(is.Start)) {
			t.Gates = after.GatesOf(is, now)
		}
		out = append(out, t)
	}
	return out
}

// gatesThen says in words which gates are shut for the new times of visits.
func gatesThen(turns []VisitTurn, z clock.Zone) (out []string) {
	for _, t := range turns {
		if len(t.Gates) == 0 {
			continue
		}
		shut := 0
		for _, g := range t.Gates {
			if !g.Open {
				shut++
				out = append(out, wording.Title(t.ID)+": "+care.GateLabel(g.Gate)+" is shut for "+z.DayLong(t.To)+", "+g.Reason+" ("+string(g.MustAct)+")")
			}
		}
		if shut == 0 {
			out = append(out, wording.Title(t.ID)+": every gate is open for "+z.DayLong(t.To))
		}
	}
	return out
}

// visitTurn says what happens to one visit; empty: nothing that a person must hear of.
func visitTurn(was, is *care.Visit, c *care.Chart, now time.Time) (what, words string) {
	switch {
	case was == nil && is.Tentative:
		return "booked", " is held tentatively for " + c.WhenOf(is, now)
	case was == nil:
		return "booked", " is booked for " + c.WhenOf(is, now)
	case was.Status != is.Status:
		return string(is.Status), " is " + statusWords[is.Status] + again(was, is)
	case !was.Start.Equal(is.Start):
		return "moved", " moves from " + c.WhenOf(was, now) + " to " + c.WhenOf(is, now)
	case was.Place != is.Place || was.Minutes != is.Minutes:
		return "moved", " is now " + strconv.Itoa(is.Minutes) + " minutes at " + placeName(c, is.Place)
	case was.Tentative && !is.Tentative:
		return "confirmed", " becomes firm"
	case !was.Confirmed && is.Confirmed:
		return "confirmed", " is confirmed by the client"
	case !was.Rebook && is.Rebook:
		return "rebook", " is to be booked again"
	}
	return "", ""
}

func again(was, is *care.Visit) string {
	if is.Rebook && !was.Rebook {
		return " and is to be booked again"
	}
	return ""
}

// statusWords say what a visit becomes.
var statusWords = map[visit.Status]string{visit.Booked: "booked", visit.Arrived: "under way: the client is here", visit.Fulfilled: "held", visit.Cancelled: "canceled", visit.NoShow: "missed"}

func placeName(c *care.Chart, id string) string {
	if pl, ok := c.Policy.Place(id); ok && pl.Name != "" {
		return pl.Name
	}
	return id
}

// MessageTurn is a message that will go out, will go out otherwise, or will no longer.
type MessageTurn struct {
	Key      message.Key      `json:"key"`
	Template message.Template `json:"template"`
	To       person.Role      `json:"to"`
	Channels []person.Channel `json:"channels,omitempty"`
	At       time.Time        `json:"at"`           // UTC
	Was      time.Time        `json:"was,omitzero"` // its time until now, if that changes
	When     string           `json:"when"`         // its time, by the clock of whom it is for
	Fate     MessageFate      `json:"fate"`
	Why      string           `json:"why,omitempty"` // it is not sent
	Words    string           `json:"words"`
}

// messageTurns compares what two charts owe, in the order of its times.
func messageTurns(before, after *care.Chart, now time.Time) (out []MessageTurn) {
	was := map[message.Key]message.Notification{}
	for _, d := range before.Notifications() {
		was[d.Key] = d
	}
	for _, d := range after.Notifications() {
		old, known := was[d.Key]
		delete(was, d.Key)
		t := turnOf(after, d, now)
		if known && sameMessage(old, d) {
			continue
		}
		if known && !old.At.Equal(d.At) {
			t.Was = old.At
		}
		t.Words = messageWords(d, t)
		out = append(out, t)
	}
	for _, d := range before.Notifications() {
		if _, gone := was[d.Key]; !gone {
			continue
		}
		t := turnOf(before, d, now)
		if t.Fate == FateNotSent {
			continue // nobody waits for it
		}
		t.Fate = FateGone
		t.Words = messageWords(d, t)
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b MessageTurn) int { return a.At.Compare(b.At) })
	return out
}

// sameMessage says whether a message goes out as it would have: at the same time, by the same channels, about the same.
func sameMessage(a, b message.Notification) bool {
	return a.At.Equal(b.At) && a.Until.Equal(b.Until) && slices.Equal(a.Channels, b.Channels) && a.Skip == b.Skip && a.Call == b.Call && a.Start.Equal(b.Start) && a.Place == b.Place && a.Person == b.Person && a.About == b.About
}

func turnOf(c *care.Chart, d message.Notification, now time.Time) MessageTurn {
	t := MessageTurn{Key: d.Key, Template: d.Template, To: d.Receiver(), Channels: d.Channels, At: d.At}
	t.Fate, t.Why = fateOf(d, now)
	zone := c.Zone
	if t.To == person.Client {
		zone = c.ClientZone
	}
	if t.When = zone.SayFrom(d.At, now); !d.At.After(now) {
		t.When = "now"
	}
	return t
}

// messageWords say the outcome of a message, to whom, how and when.
func messageWords(d message.Notification, t MessageTurn) string {
	words := d.Words + " – to " + receiver(d)
	switch t.Fate {
	case FateCall:
		return words + ": a person calls, " + t.When
	case FateNotSent:
		return words + ": not sent, " + wording.LowerFirst(t.Why)
	case FateGone:
		return words + ": will no longer go out"
	}
	words += " by " + wording.JoinWords(sayChannels(d.Channels), "and") + ", " + t.When
	if !t.Was.IsZero() {
		words += " (another time than before)"
	}
	return words
}

func sayChannels(channels []person.Channel) (out []string) {
	for _, ch := range channels {
		out = append(out, ch.Words())
	}
	return out
}
