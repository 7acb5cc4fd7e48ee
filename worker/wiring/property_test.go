package wiring

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/activities"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
	"kapflow/messaging/fake"
	"kapflow/practice"
)

// TestNoSequenceOfEventsSendsAMessageThatIsWrong is field case 56: visits are booked, moved and cancelled, the client stops
// texts, starts them again and travels, workers die with a delivery in hand or are slow, charts are saved late, answers of the
// providers are lost, refused or late, all in random order and at random times. Whatever comes, a message leaves at most once for each version
// of a visit, rule and channel; none about a cancelled or moved visit, outside open hours, after its use, or by text to who
// stopped texts, nor beyond the practice's limit; none says too much; and what was owed was sent, skipped with a reason, or became a person's task.
func TestNoSequenceOfEventsSendsAMessageThatIsWrong(t *testing.T) {
	t.Parallel()
	prac, records := office(t)
	for lane := range 3 {
		t.Run(fmt.Sprintf("lane-%d", lane+1), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				w, leave := newWorld(t, capped(t, prac), records, monday)
				defer leave()
				w.random = t
				w.book()
				for range rapid.IntRange(5, 25).Draw(t, "events") {
					w.something()
				}
				w.toTheEnd()
				w.nothingTwice()
				w.nothingLost()
			})
		})
	}
}

// capped is the practice with one of some low limits of texts, or none.
func capped(t *rapid.T, prac practice.Practice) practice.Practice {
	limits := rapid.SampledFrom([][2]int{{1, 1}, {1, 2}, {1, 3}, {2, 2}, {0, 0}}).Draw(t, "texts a day and a week")
	prac.Policy.Messages.TextsPerDay, prac.Policy.Messages.TextsPerWeek = limits[0], limits[1]
	return prac
}

// something has one random thing happen.
func (w *world) something() {
	switch rapid.SampledFrom([]string{"wait", "wait", "wait", "wait", "next", "next", "next", "book", "move", "move", "cancel", "stop", "start", "zone", "mail", "confirm",
		"twilio", "twilio", "sendgrid", "die", "die", "report", "report", "restart"}).Draw(w.random, "event") {
	case "wait":
		w.advance(w.now.Add(time.Duration(rapid.IntRange(1, 2*24*60).Draw(w.random, "minutes")) * time.Minute))
	case "next":
		if at, _, ok := w.chart.NextMoment(w.now); ok {
			w.advance(at)
		}
	case "book":
		w.book()
	case "move":
		w.move()
	case "cancel":
		w.cancel()
	case "stop":
		w.text(rapid.SampledFrom([]string{"STOP", "Stop. Thank you", "unsubscribe please"}).Draw(w.random, "words"), true)
	case "start":
		w.text("START", false)
	case "confirm":
		_, err := w.twilio.Inbound(w.Context(), w.phone, "1")
		w.must(err)
	case "zone":
		w.travel()
	case "mail":
		granted := rapid.Bool().Draw(w.random, "mail allowed")
		w.recordThen(person.Client, "messaging-consent-recorded", "", map[string]any{"channel": "email", "granted": granted}, func() { w.noMail = !granted })
	case "twilio":
		w.must(w.twilio.Behave(w.behaviour("ok", "ok", "lost-answer", "error-sent", "error-unsent", "down", "throttle:90", "reject:30003", "reject:30007", "reject:21610", "reject:21614")))
	case "sendgrid":
		w.must(w.sendGrid.Behave(w.behaviour("ok", "ok", "lost-answer", "error-unsent", "down", "reject:bounce")))
	case "die":
		w.dies = rapid.SampledFrom([]string{"before", "after"}).Draw(w.random, "where")
	case "report":
		w.report()
	case "restart":
		w.restart()
	}
	w.settle()
}

func (w *world) behaviour(texts ...string) fake.Behaviour {
	text := rapid.SampledFrom(texts).Draw(w.random, "behaviour")
	b, err := fake.ParseBehaviour(text)
	w.must(err)
	w.say("a provider: %s", text)
	return b
}

// report has the providers report everything that they owe.
func (w *world) report() {
	w.must(w.twilio.Report(w.Context()))
	w.must(w.sendGrid.Report(w.Context()))
}

// start draws a time ahead for a visit, at hours at which nobody should be written to as well.
func (w *world) start() time.Time {
	local := w.now.In(w.house.location()).AddDate(0, 0, rapid.IntRange(0, 6).Draw(w.random, "days"))
	return time.Date(local.Year(), local.Month(), local.Day(), rapid.IntRange(5, 20).Draw(w.random, "hour"), 30*rapid.IntRange(0, 1).Draw(w.random, "half"), 0, 0, w.house.location()).UTC()
}

func (h *App) location() *time.Location {
	loc, err := time.LoadLocation(h.Practice.Policy.Practice.Timezone)
	if err != nil {
		panic(err)
	}
	return loc
}

func (w *world) book() {
	start, place := w.start(), rapid.SampledFrom([]string{"main", "main", "telehealth"}).Draw(w.random, "place")
	id := fmt.Sprintf("evaluation-%d", len(w.chart.Visits)+1)
	w.recordThen(person.Coordinator, "appointment-booked", "", map[string]any{"appointment": id, "kind": "evaluation", "start": start, "place": place}, func() {
		w.visits[id] = &visitAsTold{version: 1, start: start}
	})
}

// standing draws a visit that is neither cancelled nor begun.
func (w *world) standing() (id string, v *visitAsTold) {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(w.visits)) {
		if v := w.visits[id]; !v.cancelled && v.start.After(w.now) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return "", nil
	}
	id = rapid.SampledFrom(ids).Draw(w.random, "visit")
	return id, w.visits[id]
}

func (w *world) move() {
	if id, v := w.standing(); v != nil {
		start := w.start()
		w.recordThen(person.Coordinator, "appointment-moved", "", map[string]any{"appointment": id, "start": start}, func() { v.version, v.start = v.version+1, start })
	}
}

func (w *world) cancel() {
	if id, v := w.standing(); v != nil {
		side := rapid.SampledFrom([]string{"client", "practice"}).Draw(w.random, "side")
		w.recordThen(person.Coordinator, "appointment-cancelled", "", map[string]any{"appointment": id, "side": side}, func() { v.cancelled = true })
	}
}

// text has the client write from their phone.
func (w *world) text(words string, stopped bool) {
	w.stopped = stopped
	_, err := w.twilio.Inbound(w.Context(), w.phone, words)
	w.must(err)
}

func (w *world) travel() {
	w.liveIn(rapid.SampledFrom([]string{"America/Denver", "America/New_York", "America/Los_Angeles", "Pacific/Honolulu"}).Draw(w.random, "zone"))
}

func (w *world) liveIn(name string) {
	zone, err := practice.LoadZone(name, w.now)
	w.must(err)
	w.recordThen(person.Coordinator, "contact-changed", "", map[string]any{"timezone": name, "zone_data": zone}, func() {
		w.zone, err = time.LoadLocation(name)
		w.must(err)
	})
}

// toTheEnd has everything in order again, and time run until nothing is owed.
func (w *world) toTheEnd() {
	w.dies = ""
	w.must(w.twilio.Behave(fake.Behaviour{Kind: fake.OK}))
	w.must(w.sendGrid.Behave(fake.Behaviour{Kind: fake.OK}))
	for range 2 {
		w.report()
		w.advance(w.now.Add(8 * 24 * time.Hour))
	}
}

// notices tell of a change.
var notices = []message.Verb{message.Booked, message.Moved, message.Cancelled}

// mayLeave is asked at the moment at which a message is handed to its provider.
func (w *world) mayLeave(m activities.OutboundMessage) {
	key, err := message.ParseDelivery(m.Key)
	w.must(err)
	notification := key.Notification
	w.say("  leaves: %s by %s", notification, m.Channel)
	if notification.Verb == message.Alert || notification.Verb == message.AlertClimbed {
		return // to staff: nobody read in time what the client wrote
	}
	w.mayCount(m, key)
	v := w.visits[notification.Subject]
	if v == nil {
		w.wrong("%s leaves, and nobody was told that its visit was booked", notification)
	}
	left := v.start.Sub(w.now)
	switch {
	case v.cancelled != (notification.Verb == message.Cancelled):
		w.wrong("%s leaves, and the visit is cancelled: %v", notification, v.cancelled)
	case notification.Version != v.version:
		w.wrong("%s leaves for a visit that is at version %d", notification, v.version)
	case left <= 0, notification.Verb == message.Remind && left <= 30*time.Minute:
		w.wrong("%s leaves %s before the visit", notification, left)
	case m.Channel == person.SMS && w.stopped, m.Channel == person.Email && w.noMail:
		w.wrong("%s leaves by %s, which the client stopped", notification, m.Channel)
	}
	local := w.now.In(w.zone)
	opens := 9
	if local.Weekday() == time.Sunday {
		opens = 12
	}
	// A mail about a visit on the next morning wakes nobody and cannot wait.
	urgent := m.Channel == person.Email && slices.Contains(notices, notification.Verb) && left < 18*time.Hour
	if !urgent && (local.Hour() < opens || local.Hour() >= 20) {
		w.wrong("%s leaves by %s at %s by the client's clock", notification, m.Channel, local.Format("Mon 15:04"))
	}
	words, _, _ := strings.Cut(m.Text, w.house.Practice.Policy.Messages.LinkBase)
	if word := wording.BannedWord(m.Subject + " " + words); word != "" {
		w.wrong("%s says %q", notification, word)
	}
}

// mayCount holds texts to the practice's limit: it counts those of the client's day and of the seven days that end with it.
// What the carrier refused did not reach the client.
func (w *world) mayCount(m activities.OutboundMessage, key message.DeliveryKey) {
	if m.Channel != person.SMS || m.Template != message.TemplateReminder {
		return
	}
	local := w.now.In(w.zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, w.zone)
	today, week := 0, 0
	for _, earlier := range w.counted {
		sent, err := w.house.Store.Sent(w.Context(), earlier)
		w.must(err)
		if r := sent.State.Result(); earlier == key || r != message.ResultSent && r != message.ResultUnknown {
			continue
		}
		if !sent.At.Before(midnight) {
			today++
		}
		if !sent.At.Before(midnight.AddDate(0, 0, -6)) {
			week++
		}
	}
	if why := w.chart.Policy.Messages.Full(today, week); why != "" {
		w.wrong("%s leaves after %d texts today and %d this week: %s", key, today, week, why)
	}
	if !slices.Contains(w.counted, key) {
		w.counted = append(w.counted, key)
	}
}

// nothingTwice counts at the providers. A text that surely did not arrive may be followed by one more.
func (w *world) nothingTwice() {
	took, arrived := map[message.DeliveryKey]int{}, map[message.ChannelKey]int{}
	for _, m := range slices.Concat(w.twilio.Sent(), w.sendGrid.Sent()) {
		key, found, err := w.house.Store.DeliveryByRef(w.Context(), m.Ref)
		w.must(err)
		if !found {
			w.wrong("a message is in no register: %+v", m)
		}
		if took[key]++; took[key] > 1 {
			w.wrong("%s left %d times", key, took[key])
		}
		once := key.Notification.Origin().On(key.Channel)
		if m.Code == "" {
			arrived[once]++
		}
		if arrived[once] > 1 {
			w.wrong("%s reached the client %d times", once, arrived[once])
		}
	}
	if faults := slices.Concat(w.twilio.Faults(), w.sendGrid.Faults()); len(faults) > 0 {
		w.wrong("a provider would not have taken a request: %v", faults)
	}
}

// nothingLost looks at the end of everything that was begun.
func (w *world) nothingLost() {
	messages, err := w.house.Store.Messages(w.Context(), w.chart.ClientID)
	w.must(err)
	w.publish()
	reached, ended := map[message.Key]bool{}, map[message.Key]bool{}
	var states []string
	for _, m := range messages {
		states = append(states, m.Key.String()+" "+string(m.State))
		notification := m.Key.Notification
		switch m.State {
		case message.StateSent, message.StateDelivered:
			reached[notification.Origin()], ended[notification] = true, true
		case message.StateSuppressed, message.StateExpired, message.StateSuperseded:
			// What a limit held back is not done with, and what was still due was not rightly said to be no longer.
			ended[notification] = ended[notification] || !strings.Contains(m.Why, "texts_per_") && m.Why != "no longer due"
			if m.State == message.StateExpired && notification.Follow == message.FollowInstead {
				ended[notification.Origin()] = true // it took over in time, no worker was there before the hours closed, and then the visit was over
			}
			if m.Why == "" {
				w.wrong("%s is %s without a reason", m.Key, m.State)
			}
		}
	}
	for _, notification := range slices.SortedFunc(maps.Keys(w.begun), func(a, b message.Key) int { return strings.Compare(a.String(), b.String()) }) {
		of := notification.Origin()
		if ended[notification] || reached[of] || notification.Follow == message.FollowLook {
			continue
		}
		v := w.visits[of.Subject]
		if v == nil {
			continue // an alert's: it climbs until a person acknowledges it
		}
		changed := of.Version != v.version || v.cancelled != (of.Verb == message.Cancelled)
		if changed || w.asked("tell-client:"+notification.String(), "texts-full:"+of.String(), "message-failed:"+of.String(), "message-unknown:"+of.String(), "channel-lost:sms", "address-bad:sms", "address-bad:email") {
			continue
		}
		w.wrong("%s was owed and came to nothing: %v", notification, states)
	}
}

// asked says whether a person was ever given one of these tasks.
func (w *world) asked(tasks ...string) bool {
	return slices.ContainsFunc(tasks, func(id string) bool { return w.tasks[id] })
}
