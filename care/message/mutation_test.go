package message_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/activities"
	"kapflow/care/message"
	"kapflow/care/person"
)

// word is what is told of a delivery: an answer, a report, or none because the worker died.
type word struct {
	State message.State
	Fault message.Fault
	died  bool
}

func (w word) String() string {
	if w.died {
		return "died"
	}
	return string(w.State) + " " + string(w.Fault)
}

// answer has the provider of texts answer so.
func (l *life) answer(w word) {
	l.died = w.died
	l.answers[person.SMS] = activities.Receipt{State: w.State, Fault: w.Fault, Why: "as asked"}
}

var (
	died       = word{died: true}
	taken      = word{State: message.StateSent}
	unanswered = word{State: message.StateUnknown, Fault: message.FaultAmbiguous}
	notSent    = word{State: message.StatePlanned, Fault: message.FaultNotSent}
	account    = word{State: message.StatePlanned, Fault: message.FaultConfiguration}
	night      = word{State: message.StatePlanned, Fault: message.FaultQuiet}
	rejections = []word{{State: message.StateRejected, Fault: message.FaultAddress}, {State: message.StateRejected, Fault: message.FaultOptedOut}, {State: message.StateRejected, Fault: message.FaultTransient},
		{State: message.StateRejected, Fault: message.FaultConfiguration}, {State: message.StateRejected, Fault: message.FaultPerson}, {State: message.StateRejected, Fault: message.FaultStale},
		{State: message.StateRejected, Fault: message.FaultContent}}
	reports = append([]word{taken, {State: message.StateDelivered}, {State: message.StateDelivered, Fault: message.FaultOptedOut}}, rejections...)
)

// scenario is a short life of a client's messages, and the events that happen in it.
type scenario struct {
	name   string
	noMail bool
	on     []message.Event
	play   func(l *life)
}

// scenarios are lives of messages that together meet every row of the table, in every state in which it counts.
func scenarios() (all []scenario) {
	add := func(name string, noMail bool, on []message.Event, play func(l *life)) {
		all = append(all, scenario{name: name, noMail: noMail, on: append(on, message.Granted), play: play})
	}
	send := func(l *life, key message.Key, answer word) {
		l.answer(answer)
		l.due(key)
		l.send()
	}
	again := func(l *life, answer word) {
		l.now = l.now.Add(time.Minute)
		l.in.Asked = l.now
		l.answer(answer)
		l.send()
	}
	for _, a := range append([]word{taken, unanswered, died, notSent, account, night}, rejections...) {
		for _, noMail := range []bool{false, true} {
			add(fmt.Sprint(a, ", a text alone, no mail: ", noMail), noMail, events(a), func(l *life) { send(l, lastReminder, a) })
		}
		add(fmt.Sprint(a, ", both ways"), false, events(a), func(l *life) { send(l, dayReminder, a) })
		add(fmt.Sprint(a, ", and tried again"), false, append(events(a, taken), message.Interrupted, message.Unanswered), func(l *life) {
			send(l, lastReminder, a)
			again(l, taken)
		})
	}
	add("died, with a sender that recognises keys", false, events(died, taken), func(l *life) {
		l.keyed = true
		send(l, lastReminder, died)
		again(l, taken)
	})
	for _, a := range []word{taken, unanswered, died, notSent} {
		for _, r := range reports {
			add(fmt.Sprint(a, ", then reported ", r), false, events(a, r), func(l *life) {
				send(l, lastReminder, a)
				l.report(onlyText, r)
				again(l, taken)
			})
			add(fmt.Sprint(a, ", then reported ", r, ", no mail"), true, events(a, r), func(l *life) {
				send(l, lastReminder, a)
				l.report(onlyText, r)
			})
		}
	}
	for _, first := range []word{reports[1], reports[len(reports)-1]} { // delivered, refused
		for _, r := range reports {
			add(fmt.Sprint("reported ", first, " and then ", r), false, events(taken, first, r), func(l *life) {
				send(l, lastReminder, taken)
				l.report(onlyText, first)
				l.report(onlyText, r)
			})
		}
	}
	for _, r := range reports[1:3] { // a provider that refused our account is found to work
		add(fmt.Sprint("refused for our account, then ", r), false, events(account, r), func(l *life) {
			send(l, lastReminder, account)
			again(l, died)
			l.now = l.now.Add(5 * time.Minute)
			again(l, died)
			l.report(onlyText, r)
			again(l, taken)
		})
	}
	add("two workers have it, and one is late to say that it does not know", false, events(notSent, unanswered), func(l *life) {
		send(l, lastReminder, notSent)
		must(l.store.Settle(l.ctx, message.DeliveryResult{Key: message.DeliveryKey{Client: l.chart.ClientID, ChannelKey: onlyText}, State: message.StateUnknown, At: l.now}))
		l.look("late")
	})
	add("two workers have it, and one is late to say that it was not taken", false, events(taken, notSent, account, night), func(l *life) {
		send(l, lastReminder, taken)
		for _, w := range []word{notSent, account, night, unanswered} {
			must(l.store.Settle(l.ctx, message.DeliveryResult{Key: message.DeliveryKey{Client: l.chart.ClientID, ChannelKey: onlyText}, State: w.State, Fault: w.Fault, Why: "late", At: l.now}))
			l.look("late")
		}
	})
	return append(all, decisions(again)...)
}

// decisions are the ends that a delivery has before it is sent: at its first claim, and at one after it was not taken.
// Afterwards it is claimed once more, and a report comes from the try that was not taken.
func decisions(again func(l *life, answer word)) (all []scenario) {
	for name, d := range map[string]struct {
		on     message.Event
		key    message.Key
		happen func(l *life)
	}{
		"moved": {message.Superseded, lastReminder, func(l *life) {
			l.record(person.Coordinator, "appointment-moved", map[string]any{"appointment": "evaluation-1", "start": "2027-03-05T22:00:00Z"})
		}},
		"cancelled": {message.Withheld, lastReminder, func(l *life) {
			l.record(person.Coordinator, "appointment-cancelled", map[string]any{"appointment": "evaluation-1", "side": "client"})
		}},
		"too late": {message.Expired, lastReminder, func(l *life) { l.now = l.in.Due[0].Notification.Until.Add(time.Minute) }},
		"capped":   {message.Capped, lastReminder, func(l *life) { l.full() }},
		"stopped":  {message.Stopped, lastReminder, func(l *life) { l.stop() }},
		"refused for our account": {message.AccountRefused, lastReminder, func(l *life) {
			must(l.store.KeepWorklist(l.ctx, message.WorklistChannel, l.now, []message.WorklistItem{{About: "sms", Words: "refused", Since: l.now}}))
		}},
		"at night": {message.QuietHours, dayReminder, func(l *life) {
			l.now = l.now.Add(6 * time.Hour)
			l.in.Due[0].SendBefore = l.now.Add(time.Hour)
		}},
	} {
		for _, noMail := range []bool{false, true} {
			for _, tried := range []bool{false, true} {
				for _, r := range []word{taken, {State: message.StateDelivered}, {State: message.StateDelivered, Fault: message.FaultOptedOut}, {State: message.StateRejected, Fault: message.FaultOptedOut}} {
					all = append(all, scenario{name: fmt.Sprint(name, ", tried before: ", tried, ", then reported ", r, ", no mail: ", noMail), noMail: noMail, on: append(events(notSent, r), d.on, message.Granted), play: func(l *life) {
						l.due(d.key)
						if tried {
							l.answer(notSent)
							l.send()
						}
						d.happen(l)
						again(l, taken)
						again(l, taken)
						if tried {
							l.report(d.key.On(person.SMS), r)
						}
					}})
				}
			}
		}
	}
	return all
}

// full has the client get all the texts that they may get in a day.
func (l *life) full() {
	l.chart.Policy.Messages.TextsPerDay = 1
	l.chart.Version++
	l.save()
	l.answer(taken)
	other := l.in
	other.Due = slices.Clone(l.in.Due)
	d := &other.Due[0].Notification
	d.Of, d.Key.Rule = d.Key, "another"
	_, err := l.acts.Send(l.ctx, other)
	must(err)
}

// stop has the client's number opt out in the register, by another client's word.
func (l *life) stop() {
	contact, err := l.store.Contact(l.ctx, l.chart.ClientID)
	if err == nil {
		_, err = l.store.TakeEvent(l.ctx, message.ProviderEvent{Provider: "twilio", ID: "stop-" + l.chart.ClientID, Kind: message.EventReply, At: l.now, From: contact.Phone, Text: "STOP", Class: "stop"})
	}
	must(err)
}

// mutant is the table with one thing broken.
type mutant struct {
	name  string
	on    message.Event
	table message.Table
}

// mutants breaks each row in every way that matters: the event is ignored, in all states or in one; it leads elsewhere; one
// thing does not follow, or later, or for want of another channel another task.
func mutants() (all []mutant) {
	for i, row := range message.Transitions() {
		mutate := func(name string, change func(r *message.Row)) {
			table := message.Transitions()
			r := row
			r.From, r.Kept, r.Ignored, r.Then = slices.Clone(r.From), slices.Clone(r.Kept), slices.Clone(r.Ignored), slices.Clone(r.Then)
			change(&r)
			table[i] = r
			all = append(all, mutant{fmt.Sprint(row.On, ": ", name), row.On, table})
		}
		mutate("is ignored", func(r *message.Row) { r.From, r.Kept = nil, nil })
		mutate("leads elsewhere", func(r *message.Row) {
			if r.To = message.StateSent; row.To == message.StateSent {
				r.To = message.StateRejected
			}
		})
		for n, s := range row.From {
			if s != row.To { // where it stays anyway, the row says only what follows
				mutate(fmt.Sprintf("is ignored in %q", s), func(r *message.Row) { r.From = slices.Delete(r.From, n, n+1) })
			}
		}
		for n, s := range row.Kept {
			mutate(fmt.Sprintf("is ignored in %q", s), func(r *message.Row) { r.Kept = slices.Delete(r.Kept, n, n+1) })
		}
		for n, s := range row.Then {
			mutate("not followed by "+string(s.Do), func(r *message.Row) { r.Then = slices.Delete(r.Then, n, n+1) })
			if s.After > 0 {
				mutate("followed late by "+string(s.Do), func(r *message.Row) { r.Then[n].After += time.Minute })
			}
			if s.Else != "" {
				mutate("followed by "+string(s.Do)+" with another task", func(r *message.Row) { r.Then[n].Else = "another" })
			}
		}
	}
	return all
}

// TestNothingInTheTableIsIdle breaks the table in every way, one at a time, and plays the scenarios in which the broken
// event happens, on the real rules, activities and register: each time at least one of them goes otherwise.
// HAZARD: it changes the table for the whole process. It runs alone, since it is not parallel.
func TestNothingInTheTableIsIdle(t *testing.T) {
	w := newWorld(t)
	played := scenarios()
	want := map[string]string{}
	met := map[message.Event]int{}
	for _, s := range played {
		if want[s.name] = w.play(s); strings.Contains(want[s.name], stuck) {
			t.Errorf("%s: %s", s.name, want[s.name])
		}
		for _, on := range s.on {
			met[on]++
		}
	}
	for _, r := range message.Transitions() {
		if met[r.On] == 0 {
			t.Errorf("%s happens in no scenario", r.On)
		}
	}
	t.Logf("%d scenarios, %d ways to break the table", len(played), len(mutants()))
	for _, m := range mutants() {
		if !w.noticed(m, played, want) {
			t.Errorf("%s: no scenario of %d notices", m.name, met[m.on])
		}
	}
}

// noticed says whether a scenario goes otherwise with a broken table.
func (w *world) noticed(m mutant, played []scenario, want map[string]string) bool {
	defer message.SetTable(message.SetTable(m.table))
	for _, s := range played {
		if slices.Contains(s.on, m.on) && w.play(s) != want[s.name] {
			return true
		}
	}
	return false
}
