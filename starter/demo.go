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

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/desk/intake"
	"kapflow/devstack"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/starter/rehearsal"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type demoCommand struct {
	Exit bool `help:"Stop after the courses, with status 0 only if all went as their files say."`
}

// demoClients are the clients of the demo. Each goes through one course of the sample practice; the last one is left
// waiting.
//
//go:embed demo/*.csv
var demoClients embed.FS

// demoCourse is a course of the demo. The sample practice's clinicians have room for one client a day, so some courses
// begin weeks later. Each journey has a virtual time of its own.
type demoCourse struct {
	file       string
	weeksLater int
}

var (
	demoCourses = []demoCourse{{"standard-six.yaml", 0}, {"labs-expire-mid-series.yaml", 0}, {"withdrawal-after-two.yaml", 40}}
	demoWaiting = demoCourse{"waiting-at-the-lab-gate.yaml", 40}
)

// Run plays the demo, and keeps its servers running until interrupted.
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
	signIn, err := d.serveConsole(d.codec)
	if err != nil {
		return err
	}
	if err := d.tellSignIn(t, t.out, signIn); err != nil {
		return err
	}
	d.whereToLook(t.out, waiting)
	<-t.ctx.Done()
	fmt.Fprintln(t.out, "\nStopping, and removing what was made.")
	return nil
}

// demo is a practice on servers of its own.
type demo struct {
	*rehearsal.Environment
	stack   *devstack.Stack
	codec   *engine.Codec
	pages   net.Listener // of the clients' pages
	seen    int64        // the last journal line that was told
	closers []func()
}

func (d *demo) close() {
	for i := len(d.closers) - 1; i >= 0; i-- {
		d.closers[i]()
	}
}

func openDemo(t terminal) (_ *demo, err error) {
	d := &demo{Environment: &rehearsal.Environment{Clock: new(rehearsal.Clock)}}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	c := demoConnection{PID: os.Getpid(), TaskQueue: fmt.Sprintf("kapflow-demo-%d", os.Getpid()),
		PayloadKeys: []string{keyring.NewEntry("demo")}, FieldKeys: keyring.NewEntry("demo"), IndexKey: keyring.NewKey()}
	options, err := c.options()
	if err != nil {
		return nil, err
	}
	d.codec = options.Temporal.Codec
	var ui atomic.Value
	ui.Store("")
	endpoint, err := d.serveDecoding(options.Temporal.Codec, func() string { return ui.Load().(string) })
	if err != nil {
		return nil, err
	}
	if err := d.startServers(t, endpoint); err != nil {
		return nil, err
	}
	ui.Store(d.stack.Temporal.UI)
	if c.DatabaseURL, err = d.newDatabase(t); err != nil {
		return nil, err
	}
	c.Temporal, c.UI = d.stack.Temporal.Address, d.stack.Temporal.UI
	return d, d.work(t, c)
}

// serveDecoding serves payload decoding to the Temporal UI, so that a coordinator reads plain text there although the
// server's database holds none. ui is the UI's origin, once it is known.
func (d *demo) serveDecoding(codec *engine.Codec, ui func() string) (endpoint string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	handler := engine.DecodeHandler(codec, ui, func(*http.Request) error { return nil }, func(context.Context, int, []string) error { return nil })
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	d.closers = append(d.closers, func() { _ = server.Close() })
	return "http://" + listener.Addr().String(), nil
}

func (d *demo) startServers(t terminal, decoding string) (err error) {
	options := devstack.FromEnvironment()
	options.Out, options.TimeSkipping, options.Unsafe, options.CodecEndpoint = t.err, true, true, decoding
	if d.stack, err = devstack.Start(t.ctx, options); err != nil {
		return &wiring.AwayError{Err: err}
	}
	d.closers = append(d.closers, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := d.stack.Stop(ctx); err != nil {
			fmt.Fprintln(t.err, "starter: could not stop everything:", err)
		}
	})
	return nil
}

// newDatabase makes the demo's database. close drops it, because the server may be one that stays.
func (d *demo) newDatabase(t terminal) (url string, err error) {
	name := fmt.Sprintf("kapflow_demo_%d", os.Getpid())
	if url, err = d.stack.Postgres.NewDatabase(t.ctx, name, ""); err != nil {
		return "", &wiring.AwayError{Err: err}
	}
	d.closers = append(d.closers, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := d.stack.Postgres.DropDatabase(ctx, name); err != nil {
			fmt.Fprintln(t.err, "starter: the demo's database could not be removed:", err)
		}
	})
	return url, store.Migrate(t.ctx, url)
}

// work opens the practice as other commands will, starts its workers, and tells other commands where it is.
func (d *demo) work(t terminal, c demoConnection) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	options.Now, options.Store.MaxConns = d.Clock.Now, 12
	if d.pages, options.Settings.PublicURL, err = d.listenHere(); err != nil {
		return err
	}
	app, closeApp, err := wiring.Open(t.ctx, options)
	if err != nil {
		return err
	}
	d.App = app
	d.serveClientPages()
	d.closers = append(d.closers, closeApp, d.Environment.Close)
	if err := app.RegisterSearchAttributes(t.ctx); err != nil {
		return err
	}
	if err := d.Work(); err != nil {
		return err
	}
	remove, err := c.publish()
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
	rows, err := intake.ReadCSV(body)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(t.out, "\nEnrolling %d from %s\n", len(rows), strings.TrimPrefix(file, "demo/"))
	var ids []string
	for i, in := range rows {
		course, err := d.course(courses[i])
		if err != nil {
			return nil, err
		}
		d.Clock.Set(course.Start)
		results, bad, err := intake.Enroll(t.ctx, d.Desk, access.FromRehearsal(d.Practice.Policy, person.Actor{ID: d.Practice.Policy.FirstHolding(person.Coordinator), Role: person.Coordinator}), []intake.Row{in})
		if err != nil {
			return nil, err
		}
		if bad > 0 {
			return nil, fmt.Errorf("%s:%d: %s", file, in.Line, results[0].Reason)
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
	return rehearsal.Parse(c.file, body, d.Practice.Zone, d.Practice.Policy, time.Now().AddDate(0, 0, 7*c.weeksLater))
}

// play plays one course for a client who is enrolled, and tells its story.
func (d *demo) play(t terminal, file demoCourse, clientID string) error {
	course, err := d.course(file)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "\n%s\n%s\n", course.Name, strings.Repeat("─", len(course.Name)))
	began := time.Now()
	story := &rehearsal.StorySink{Out: t.out, Zone: d.Practice.Zone}
	player := &rehearsal.Player{Course: course, On: d.Environment, Sink: story, Enrolled: map[string]string{course.Clients[0].ID: clientID}, After: d.seen}
	err = player.Play(t.ctx)
	d.seen = player.Seen()
	if err != nil {
		return err
	}
	months := course.Until.Sub(course.Start).Hours() / 24 / 30
	fmt.Fprintf(t.out, "  %d facts, %d messages, %.1f months in %.1f seconds\n", story.Facts, story.Messages, months, time.Since(began).Seconds())
	return nil
}

// sumUp prints the messages sent, the board and the balances.
func (d *demo) sumUp(t terminal) error {
	rows, err := d.Store.Board(t.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(t.out, "\nMessages sent (the last three of each; all of them: bin/starter mailbox CLIENT)")
	for _, r := range rows {
		messages, err := d.Store.Messages(t.ctx, r.ClientID)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "  %s  %d\n", r.ClientID, len(messages))
		for _, m := range messages[max(0, len(messages)-3):] {
			fmt.Fprintf(t.out, "    %s  %-5s  %s\n", r.Chart.Zone.SayLong(m.At), m.Channel, firstLineOf(m))
		}
	}
	fmt.Fprintln(t.out, "\nThe board")
	if err := printBoard(t.out, record.BoardOf(rows, time.Now())); err != nil {
		return err
	}
	fmt.Fprintln(t.out, "\nWhat clients owe (below zero: the practice owes the client)")
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

// playWaiting plays one more client's course up to the lab gate, and leaves the client there.
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
One client waits for the lab results: %s
  See why:       bin/starter show %s
  Move them on:  bin/starter record %s labs-reviewed --by physician --with '{"outcome":"cleared"}'
  Then look at the page again, and at: bin/starter board

Ctrl-C stops everything and leaves nothing behind.
`, waiting, waiting, waiting)
}
