package main

import (
	"fmt"
	"io"
	"time"

	"kapflow/care/person"
	"kapflow/console/signin"
	"kapflow/practice/coursefile"
	"kapflow/starter/rehearsal"
)

// monday is the course file of the day on which the demo leaves the practice: an infusion is under way, and clients are in mid-course.
const monday = "demo/monday.yaml"

// mondayWeeksLater is when it begins. By then the courses that the demo plays before are over.
const mondayWeeksLater = 24

// playMonday takes the clients of that Monday through their courses up to it, and lets the practice's clock run on from there. It
// gives their ids by their names in the file.
func (d *demo) playMonday(t terminal) (map[string]string, error) {
	body, err := demoFiles.ReadFile(monday)
	if err != nil {
		return nil, err
	}
	course, err := rehearsal.Parse(monday, body, d.Practice.Zone, d.Practice.Policy, time.Now().AddDate(0, 0, 7*mondayWeeksLater))
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(t.out, "\nPlaying %d more clients up to a Monday, on which one has an infusion\n", len(course.Clients))
	player := &rehearsal.Player{Course: course, On: d.Environment, Sink: coursefile.Silent{}, After: d.seen}
	if err := player.Play(t.ctx); err != nil {
		return nil, err
	}
	d.Clock.Run()
	return player.IDs(), nil
}

// station is where one of the sample people sees something, and what they do there.
type station struct {
	role person.Role
	try  string
}

// stations are what the demo has each of the sample people do. TestTheDemoPlaysAndShowsAPracticeAtWork holds that what they name is there.
var stations = []station{
	{person.Coordinator, "Today lists the day. Under Inbox, Sample Six asks for another time: open it and move the visit."},
	{person.Psychotherapist, "Today lists your own clients. Open Sample Six and press Scores to see how they changed."},
	{person.Physician, "Show the clients where it is your move, and open Sample Four, who waits for the labs. Press “Review the labs” and see what will happen."},
	{person.Nurse, "Today has Sample Five's infusion, which runs. Open it and record the next reading."},
	{person.Accountant, "Money shows what each client owes. You see codes instead of names, and nothing clinical."},
	{person.Owner, "Practice shows the settings in force, and under Reports how the clients are doing."},
}

// tellSignIn prints a link for each sample person, which signs them in once, and what to do then.
func (d *demo) tellSignIn(t terminal, out io.Writer, signIn *signin.SignIn) error {
	fmt.Fprintf(out, "\nThe staff console. At the practice it is %s. Open a link and press the button; each works once.\n", d.Practice.Zone.SayLong(d.Clock.Now()))
	for _, s := range stations {
		id := d.Practice.Policy.FirstHolding(s.role)
		if id == "" {
			continue
		}
		link, err := signIn.DemoLink(t.ctx, id)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  %-16s %s\n                   %s\n", s.role, link, s.try)
	}
	fmt.Fprintln(out, "\nCtrl-C stops everything and leaves nothing behind.")
	return nil
}

// whereToLook prints where the journeys are in the Temporal UI, and commands for the client who waits.
func (d *demo) whereToLook(out io.Writer, clients map[string]string) {
	ui, waiting := d.stack.Temporal.UI, clients["four"]
	fmt.Fprintf(out, "\nThe Temporal UI\n  Everybody   %s/namespaces/default/workflows\n  One client  %s/namespaces/default/workflows/%s\n", ui, ui, waiting)
	fmt.Fprintln(out, "  Saved views (opening one keeps it in your browser):")
	for _, v := range savedViews(time.Now()) {
		fmt.Fprintf(out, "    %-24s %s\n", v.name, v.link(ui))
	}
	fmt.Fprintf(out, `
The command line
  Everybody        bin/starter board
  Who waits        bin/starter show %s
  Move them on     bin/starter record %s labs-reviewed --by physician --with '{"outcome":"cleared"}'
`, waiting, waiting)
}
