package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
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
	"kapflow/care/policy"
	"kapflow/care/record"
	"kapflow/desk/intake"
	"kapflow/devstack"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/practice/coursefile"
	"kapflow/starter/rehearsal"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type demoCommand struct {
	Exit bool `help:"Stop after the courses, with status 0 only if all went as their files say."`
}

// demoFiles are the clients of the demo who go through a whole course of the sample practice, and the Monday on which it is left.
//
//go:embed demo
var demoFiles embed.FS

// demoCourse is a course of the demo. The sample practice's clinicians have room for one client a day, so some courses
// begin weeks later. Each journey has a virtual time of its own.
type demoCourse struct {
	file       string
	weeksLater int
	insurer    money.Cents // what the insurer pays in the end
}

var demoCourses = []demoCourse{{"standard-six.yaml", 0, 1720_00}, {"labs-expire-mid-series.yaml", 0, 1830_00}, {"withdrawal-after-two.yaml", 14, 970_00}}

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
	clients, err := d.playMonday(t)
	if err != nil {
		return err
	}
	signIn, err := d.serveConsole(d.codec)
	if err != nil {
		return err
	}
	d.whereToLook(t.out, clients)
	if err := d.tellSignIn(t, t.out, signIn); err != nil {
		return err
	}
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
	if err := tellMeanwhile(t, options); err != nil {
		return err
	}
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
	body, err := demoFiles.ReadFile(file)
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
		course, err := courses[i].read(d.Practice, time.Now())
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

// read reads the course under a practice. It begins now, or weeks later.
func (c demoCourse) read(prac practice.Practice, now time.Time) (*coursefile.Course, error) {
	body, err := fs.ReadFile(practice.Courses(), c.file)
	if err != nil {
		return nil, err
	}
	course, err := rehearsal.Parse(c.file, body, prac.Zone, prac.Policy, now.AddDate(0, 0, 7*c.weeksLater))
	if err != nil {
		return nil, err
	}
	finishPaperwork(course, prac.Policy, c.insurer)
	return course, nil
}

// finishPaperwork adds to a course what its file leaves open: what was given in each infusion, and what the insurer paid. Otherwise
// the tasks of finished courses would fill the pages of that Monday.
func finishPaperwork(course *coursefile.Course, policy policy.Policy, insurer money.Cents) {
	by := func(role person.Role) person.Actor {
		return person.Actor{ID: policy.FirstHolding(role), Role: role}
	}
	var steps []coursefile.Step
	for _, s := range course.Steps {
		steps = append(steps, s)
		if s.Fact == "infusion-stopped" && s.Refused == "" {
			steps = append(steps, coursefile.Step{At: s.At, Client: s.Client, By: by(person.Nurse), Fact: "drug-given", With: fmt.Appendf(nil,
				`{"appointment": %q, "dose_mg": 35, "lot": "A-113", "expires_on": %q, "waste_mg": 0}`, s.About(), s.At.AddDate(2, 0, 0).Format(time.DateOnly))})
		}
	}
	course.Steps = append(steps, coursefile.Step{At: course.Until, Client: course.Clients[0].ID, By: by(person.Coordinator), Fact: "payment-received",
		With: fmt.Appendf(nil, `{"fee_set": "psychotherapy", "amount": %d, "method": "insurer"}`, insurer)})
}

// play plays one course for a client who is enrolled, and tells its story.
func (d *demo) play(t terminal, file demoCourse, clientID string) error {
	course, err := file.read(d.Practice, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "\n%s\n%s\n", course.Name, strings.Repeat("─", len(course.Name)))
	began := time.Now()
	story := &coursefile.StorySink{Out: t.out, Zone: d.Practice.Zone}
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
