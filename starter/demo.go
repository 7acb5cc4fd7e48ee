package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/devstack"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/starter/rehearsal"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type demoCommand struct {
	Exit bool `help:"End when every course has been played, with status 0 only if all went as their files say."`
}

// The demo's clients, and the course of the sample practice that each of them goes through. The last one is
// left waiting.
//
//go:embed demo/*.csv
var demoClients embed.FS

// demoCourse is a course of the demo. Two clinicians have one day each, so some begin weeks later: every
// journey has a virtual time of its own.
type demoCourse struct {
	file       string
	weeksLater int
}

var (
	demoCourses = []demoCourse{{"standard-six.yaml", 0}, {"labs-expire-mid-series.yaml", 0}, {"withdrawal-after-two.yaml", 40}}
	demoWaiting = demoCourse{"waiting-at-the-lab-gate.yaml", 40}
)

// Run plays the demo and stays up for the reader.
func (c demoCommand) Run(t terminal) error {
	fmt.Fprintln(t.out, "Starting a Temporal server and a Postgres of your own. Nothing outside this machine is touched.")
	d, err := openDemo(t)
	if err != nil {
		return err
	}
	defer d.close()
	if err := d.playAll(t); err != nil {
		return err
	}
	if c.Exit {
		fmt.Fprintln(t.out, "\nEvery course went as its file says.")
		return nil
	}
	waiting, err := d.playWaiting(t)
	if err != nil {
		return err
	}
	d.whereToLook(t.out, waiting)
	<-t.ctx.Done()
	fmt.Fprintln(t.out, "\nStopping, and removing what was made.")
	return nil
}

// demo is a running practice with its servers.
type demo struct {
	stack    *devstack.Stack
	house    *wiring.House
	workers  wiring.Workers
	clock    *rehearsal.Clock
	decoding *http.Server
	seen     int64
	closers  []func()
}

func (d *demo) close() {
	for i := len(d.closers) - 1; i >= 0; i-- {
		d.closers[i]()
	}
}

func openDemo(t terminal) (_ *demo, err error) {
	d := &demo{clock: new(rehearsal.Clock)}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	ring, entry, err := newRing()
	if err != nil {
		return nil, err
	}
	codec := engine.NewCodec(ring)
	var origin atomic.Value
	origin.Store("")
	endpoint, err := d.serveDecoding(codec, func() string { return origin.Load().(string) })
	if err != nil {
		return nil, err
	}
	options := devstack.FromEnvironment()
	options.Out, options.TimeSkipping, options.Unsafe, options.CodecEndpoint = t.err, true, true, endpoint
	if d.stack, err = devstack.Start(t.ctx, options); err != nil {
		return nil, awayError{err}
	}
	d.closers = append(d.closers, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := d.stack.Stop(ctx); err != nil {
			fmt.Fprintln(t.err, "starter: could not stop everything:", err)
		}
	})
	origin.Store(d.stack.Temporal.UI)
	return d, d.furnish(t, codec, entry)
}

func newRing() (keyring.Ring, string, error) {
	entry := keyring.NewEntry("demo")
	ring, err := keyring.Parse(entry)
	return ring, entry, err
}

// serveDecoding opens the endpoint where the Temporal UI has payloads decoded, so that a coordinator reads
// plain words while the server's database holds none.
func (d *demo) serveDecoding(codec *engine.Codec, origin func() string) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	handler := engine.DecodeHandler(codec, origin, func(*http.Request) error { return nil }, func(context.Context, int) error { return nil })
	d.decoding = &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = d.decoding.Serve(listener) }()
	d.closers = append(d.closers, func() { _ = d.decoding.Close() })
	return "http://" + listener.Addr().String(), nil
}

// furnish opens the practice on the servers and tells other commands where it is.
func (d *demo) furnish(t terminal, codec *engine.Codec, entry string) error {
	prac, err := practice.Sample(time.Now())
	if err != nil {
		return err
	}
	database := fmt.Sprintf("kapflow_demo_%d", os.Getpid())
	url, err := d.stack.Postgres.NewDatabase(t.ctx, database, "")
	if err != nil {
		return awayError{err}
	}
	d.closers = append(d.closers, func() { // it may lie on a server that stays
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := d.stack.Postgres.DropDatabase(ctx, database); err != nil {
			fmt.Fprintln(t.err, "starter: the demo's database could not be removed:", err)
		}
	})
	if err := store.Migrate(t.ctx, url); err != nil {
		return err
	}
	fieldEntry := keyring.NewEntry("demo")
	keys, err := keyring.Parse(fieldEntry)
	if err != nil {
		return err
	}
	index := keyring.NewKey()
	queue := fmt.Sprintf("kapflow-demo-%d", os.Getpid())
	house, leave, err := openHouse(t.ctx, prac, store.Options{URL: url, Keys: keys, IndexKey: index, MaxConns: 12},
		engine.Options{Address: d.stack.Temporal.Address, Codec: codec}, queue)
	if err != nil {
		return err
	}
	d.closers = append(d.closers, leave)
	house.Clock = activities.WorkflowClock
	d.house = house.Furnish(d.clock.Now)
	if err := engine.RegisterSearchAttributes(t.ctx, house.TemporalClient, "default", wiring.SearchAttributes()); err != nil {
		return err
	}
	d.workers = house.Workers(engine.WorkerOptions("", ""))
	if err := d.workers.Start(); err != nil {
		return awayError{err}
	}
	d.closers = append(d.closers, d.workers.Stop)
	remove, err := connection{PID: os.Getpid(), DatabaseURL: url, Temporal: d.stack.Temporal.Address, TaskQueue: queue, PayloadKeys: []string{entry}, FieldKeys: fieldEntry, IndexKey: index, UI: d.stack.Temporal.UI}.publish()
	if err != nil {
		return err
	}
	d.closers = append(d.closers, remove)
	return nil
}

// playAll enrols the sample clients from the CSV file and plays a course with each.
func (d *demo) playAll(t terminal) error {
	answers, err := d.enrollFrom(t, "demo/clients.csv", demoCourses)
	if err != nil {
		return err
	}
	var errs []error
	for i, file := range demoCourses {
		if err := d.play(t, file, answers[i]); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return d.sumUp(t)
}

// enrollFrom enrols the rows of a CSV file, each at the start of its course.
func (d *demo) enrollFrom(t terminal, file string, courses []demoCourse) ([]string, error) {
	body, err := demoClients.ReadFile(file)
	if err != nil {
		return nil, err
	}
	intakes, err := readCSV(body)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(t.out, "\nEnrolling %d from %s\n", len(intakes), strings.TrimPrefix(file, "demo/"))
	var ids []string
	for i, in := range intakes {
		course, err := d.course(courses[i])
		if err != nil {
			return nil, err
		}
		d.clock.Set(course.Start)
		results, bad, err := enrollAll(t, d.house.Desk, person.Actor{ID: "coordinator", Role: person.Coordinator}, []intake{in})
		if err != nil {
			return nil, err
		}
		if bad > 0 {
			return nil, fmt.Errorf("%s:%d: %s", file, in.line, results[0].Reason)
		}
		fmt.Fprintf(t.out, "  %s  %s\n", results[0].Client, course.Name)
		ids = append(ids, results[0].Client)
	}
	return ids, nil
}

func (d *demo) course(c demoCourse) (*rehearsal.Course, error) {
	body, err := fs.ReadFile(practice.Courses(), c.file)
	if err != nil {
		return nil, err
	}
	return rehearsal.Parse(c.file, body, d.house.Practice.Zone, d.house.Practice.Policy, time.Now().AddDate(0, 0, 7*c.weeksLater))
}

// play plays one course for a client who is enrolled, and tells it as it goes.
func (d *demo) play(t terminal, file demoCourse, clientID string) error {
	course, err := d.course(file)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "\n%s\n%s\n", course.Name, strings.Repeat("─", len(course.Name)))
	began := time.Now()
	story := &storySink{out: t.out, zone: d.house.Practice.Zone}
	player := &rehearsal.Player{Course: course, Sink: story, Enrolled: map[string]string{course.Clients[0].ID: clientID}, After: d.seen,
		On: rehearsal.Stage{Desk: d.house.Desk, TemporalClient: d.house.TemporalClient, Clock: d.clock}}
	err = player.Play(t.ctx)
	d.seen = player.Seen()
	if err != nil {
		return err
	}
	months := course.Until.Sub(course.Start).Hours() / 24 / 30
	fmt.Fprintf(t.out, "  %d facts, %d messages, %.1f months in %.1f seconds\n", story.facts, story.messages, months, time.Since(began).Seconds())
	return nil
}

// sumUp prints the messages sent, the board and what is owed.
func (d *demo) sumUp(t terminal) error {
	rows, err := d.house.Store.Board(t.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(t.out, "\nMessages sent (the last three of each; all of them: bin/starter mailbox CLIENT)")
	for _, r := range rows {
		messages, err := d.house.Store.Messages(t.ctx, r.ClientID)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "  %s  %d\n", r.ClientID, len(messages))
		for _, m := range messages[max(0, len(messages)-3):] {
			fmt.Fprintf(t.out, "    %s  %-5s  %s\n", r.Chart.Zone.Say(m.At), m.Channel, firstLineOf(m))
		}
	}
	fmt.Fprintln(t.out, "\nThe board")
	if err := printBoard(t.out, boardLines(rows)); err != nil {
		return err
	}
	fmt.Fprintln(t.out, "\nWhat is owed (below zero: the practice owes the client)")
	for _, r := range rows {
		fmt.Fprintf(t.out, "  %s  medical %s, psychotherapy %s\n", r.ClientID, r.Chart.Balance(money.Medical), r.Chart.Balance(money.Psychotherapies))
	}
	return nil
}

func firstLineOf(m care.Message) string {
	if m.Text == "" {
		return "not sent: " + m.Why
	}
	line, _, _ := strings.Cut(m.Text, "\n")
	return line
}

// playWaiting brings one more client up to the lab gate and leaves them there.
func (d *demo) playWaiting(t terminal) (string, error) {
	ids, err := d.enrollFrom(t, "demo/waiting.csv", []demoCourse{demoWaiting})
	if err != nil {
		return "", err
	}
	return ids[0], d.play(t, demoWaiting, ids[0])
}

func (d *demo) whereToLook(out io.Writer, waiting string) {
	ui := d.stack.Temporal.UI
	fmt.Fprintf(out, "\nWhere to look\n  Everybody   %s/namespaces/default/workflows\n  One client  %s/namespaces/default/workflows/%s\n", ui, ui, waiting)
	fmt.Fprintln(out, "  Saved views (opening one keeps it in your browser):")
	for _, v := range savedViews(time.Now()) {
		fmt.Fprintf(out, "    %-24s %s\n", v.name, v.link(ui))
	}
	fmt.Fprintf(out, `
One client waits at the lab gate: %s
  See why:       bin/starter show %s
  Move them on:  bin/starter record %s labs-reviewed --by physician --with '{"outcome":"cleared"}'
  Then look at the page again, and at: bin/starter board

Ctrl-C stops everything and leaves nothing behind.
`, waiting, waiting, waiting)
}
