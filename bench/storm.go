package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"kapflow/bench/stage"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/messaging/fake"
	"kapflow/starter/rehearsal"
	"kapflow/workflows"
)

// stormBudget limits a storm. Most of the time goes into starting the journeys.
const stormBudget = 15 * time.Minute

// startTries is how often a journey's start is tried.
const startTries = 6

// stormRule is the reminder that every client gets.
var stormRule = policy.ReminderRule{Name: "2h", Hours: 2, Channels: []person.Channel{person.SMS}}

// storm is many reminders that are due within a short time, each for another client, in real time.
type storm struct {
	Reminders int
	Within    time.Duration // the first to the last due time
	Rate      float64       // texts a second that the provider's account may send
	Lead      time.Duration // until the first is due: the journeys are started meanwhile
}

// stormResult is what the provider saw.
type stormResult struct {
	storm
	Started   time.Duration   // how long starting the journeys took
	Took      time.Duration   // from the first due time to the last text
	Twice     int             // texts for a reminder that was sent already
	Useless   int             // texts that came too late to be useful
	Busiest   int             // most texts within any second
	Sustained float64         // most texts a second over any ten seconds
	Late      []time.Duration // of each text after its due time, shortest first
}

// measureStorm runs a storm and prints the result.
func measureStorm(ctx context.Context, out io.Writer, s *rehearsal.TestServers, st storm) error {
	r, err := st.blow(ctx, s)
	if err != nil {
		return err
	}
	r.print(out)
	return nil
}

// blow starts the journeys, waits until the provider has every reminder, and reads the provider's own record.
func (st storm) blow(ctx context.Context, s *rehearsal.TestServers) (r stormResult, err error) {
	r.storm = st
	twilio, err := fake.StartTwilio(nil)
	if err != nil {
		return r, err
	}
	defer twilio.Close()
	settings := rehearsal.TwilioSettings(twilio.URL(), "")
	settings.MessagesPerSecond = st.Rate
	env, err := stage.Open(ctx, s, stage.Options{Zone: rehearsal.ZoneWithHour(time.Now(), 12), Policy: func(p *policy.Policy) { p.Messages.Reminders = []policy.ReminderRule{stormRule} },
		Settings: settings})
	if err != nil {
		return r, err
	}
	defer env.Close()

	began := time.Now()
	first := began.Add(st.Lead).Truncate(time.Second)
	due := map[string]time.Time{} // by client
	if err := st.startJourneys(ctx, env, first, due); err != nil {
		return r, err
	}
	if r.Started = time.Since(began); r.Started > st.Lead {
		return r, fmt.Errorf("starting %d journeys took %s, and the first reminder was due after %s: give it more time with -lead", st.Reminders, r.Started.Round(time.Second), st.Lead)
	}
	for len(twilio.Sent()) < st.Reminders {
		select {
		case <-ctx.Done():
			return r, fmt.Errorf("only %d of %d reminders were handed over: %w", len(twilio.Sent()), st.Reminders, ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
	return r, r.read(ctx, env, twilio, first, due)
}

// startJourneys writes the clients' charts as they were an hour ago, and starts their journeys.
func (st storm) startJourneys(ctx context.Context, env *stage.Environment, first time.Time, due map[string]time.Time) error {
	var group sync.WaitGroup
	errs := make(chan error, st.Reminders)
	turn := make(chan struct{}, 4)
	for n := range st.Reminders {
		at := first.Add(st.Within * time.Duration(n) / time.Duration(st.Reminders)).Truncate(time.Second)
		id := fmt.Sprintf("storm-%s-%d", env.TaskQueue, n)
		due[id] = at
		turn <- struct{}{}
		group.Go(func() {
			defer func() { <-turn }()
			errs <- startJourney(ctx, env, id, fmt.Sprintf("+1303%07d", 5_550_000+n), at)
		})
	}
	group.Wait()
	close(errs)
	var faults []error
	for err := range errs {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// startJourney enrolls a client who gets texts only, with a visit whose reminder is due at a time.
func startJourney(ctx context.Context, env *stage.Environment, id, phone string, due time.Time) error {
	p, now := env.Practice, due.Add(-25*time.Hour)
	chart, taken, err := care.Enroll(care.Enrollment{ClientID: id, Policy: p.Policy, Zone: p.Zone, ClientZone: p.Zone, At: now,
		Report: care.Report{ID: "enrolled", By: person.Actor{ID: "desk", Role: person.Coordinator}, With: json.RawMessage(`{"presenting":["anxiety"],"channels":["sms"]}`)}})
	if err != nil {
		return err
	}
	visit := fmt.Sprintf(`{"kind":"evaluation","start":%q}`, due.Add(2*time.Hour).UTC().Format(time.RFC3339))
	for _, f := range []struct {
		by         person.Role
		fact, with string
	}{{person.Coordinator, "messaging-consent-recorded", `{"channel":"sms","detail":"appointment-time"}`}, {person.Psychotherapist, "screening-recorded", `{"criteria_met":true,"prefers_kap":true}`},
		{person.Psychotherapist, "coverage-reviewed", `{"result":"pays"}`}, {person.Psychotherapist, "insurer-contact-waived", `{"reason":"ref:x"}`},
		{person.Psychotherapist, "fees-discussed", `{"summary":"ref:x"}`}, {person.Coordinator, "appointment-booked", visit}} {
		if _, err := chart.Record(f.fact, care.Report{By: person.Actor{ID: string(f.by), Role: f.by}, With: json.RawMessage(f.with)}, now); err != nil {
			return fmt.Errorf("%s: %w", f.fact, err)
		}
	}
	chart.Settle(message.Notification{Key: message.Key{Verb: message.Booked, Subject: "evaluation-1", Version: 1}}, message.ResultSent, nil, now)
	changes := chart.DiffAndPublish(time.Now())
	if _, _, err := env.Store.NewClient(ctx, care.NewClient{Identity: id, Contact: person.Contact{Phone: phone}, Save: care.Save{Chart: chart, Entry: &taken.Entry, Changes: changes}}); err != nil {
		return err
	}
	// A small server cannot answer thousands of starts at once in time. Starting again does no harm to one that did start.
	for try := 1; ; try++ {
		_, err = env.TemporalClient.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: env.TaskQueue}, workflows.ClientJourneyName, workflows.JourneyInput{Chart: chart})
		if err == nil || try == startTries || ctx.Err() != nil {
			return err
		}
		time.Sleep(time.Duration(try) * 200 * time.Millisecond)
	}
}

// read compares the provider's record with the register.
func (r *stormResult) read(ctx context.Context, env *stage.Environment, twilio *fake.Twilio, first time.Time, due map[string]time.Time) error {
	seen := map[message.DeliveryKey]bool{}
	var times []time.Time
	for _, m := range twilio.Sent() {
		key, _, err := env.Store.DeliveryByRef(ctx, m.Ref)
		if err != nil {
			return err
		}
		at, ours := due[key.Client]
		if !ours || key.Notification != (message.Key{Verb: message.Remind, Subject: "evaluation-1", Version: 1, Rule: stormRule.Name}) {
			return fmt.Errorf("a text is no reminder of the storm: %s", key)
		}
		if seen[key] {
			r.Twice++
		}
		seen[key] = true
		if m.At.After(at.Add(90 * time.Minute)) { // 30 minutes before the visit it is no longer useful
			r.Useless++
		}
		r.Late = append(r.Late, max(0, m.At.Sub(at)))
		times = append(times, m.At)
	}
	if faults := twilio.Faults(); len(faults) > 0 {
		return fmt.Errorf("the provider would have refused a request: %s", faults[0])
	}
	slices.Sort(r.Late)
	slices.SortFunc(times, time.Time.Compare)
	r.Took = times[len(times)-1].Sub(first)
	r.Busiest = busiest(times, time.Second)
	r.Sustained = float64(busiest(times, 10*time.Second)) / 10
	return nil
}

// busiest returns the most times within any stretch of this length.
func busiest(times []time.Time, within time.Duration) (most int) {
	from := 0
	for i := range times {
		for times[i].Sub(times[from]) >= within {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

// stormBuckets are the edges of the histogram.
var stormBuckets = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second, 45 * time.Second, time.Minute,
	90 * time.Second, 2 * time.Minute, 5 * time.Minute, 90 * time.Minute}

func (r *stormResult) print(out io.Writer) {
	fmt.Fprintf(out, "A storm: %d reminders due within %s, each of a journey of its own\n\n", r.Reminders, r.Within)
	fmt.Fprintf(out, "  journeys started in  %6.0f s\n", r.Started.Seconds())
	fmt.Fprintf(out, "  handed over          %6d    %d twice, %d after the end of their use\n", len(r.Late), r.Twice, r.Useless)
	fmt.Fprintf(out, "  allowed a second     %6.0f    KAPFLOW_MESSAGES_PER_SECOND\n", r.Rate)
	fmt.Fprintf(out, "  seen a second        %6.1f    at most over ten seconds; %d in the busiest one\n", r.Sustained, r.Busiest)
	fmt.Fprintf(out, "  the last one after   %6.0f s  no sooner than %.0f s at that rate\n\n", r.Took.Seconds(), max(r.Within.Seconds(), float64(r.Reminders)/r.Rate))
	fmt.Fprintf(out, "  late by at most\n")
	from := 0
	for _, edge := range stormBuckets {
		to, _ := slices.BinarySearch(r.Late, edge+1)
		if to > from {
			fmt.Fprintf(out, "  %20s %6d    %s\n", edge, to-from, strings.Repeat("#", (to-from)*60/len(r.Late)+1))
		}
		from = to
	}
	fmt.Fprintf(out, "  median %s, 99 in 100 within %s, the latest %s\n", r.Late[len(r.Late)/2].Round(time.Millisecond), r.Late[len(r.Late)*99/100].Round(time.Millisecond),
		r.Late[len(r.Late)-1].Round(time.Millisecond))
}
