package browser_test

import (
	"bytes"
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"kapflow/access"
	"kapflow/bench/stage"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/e2e/browser"
	"kapflow/practice"
)

// besides are steps of a client's first weeks that the standard course lacks, each with the step before which it comes: scores, a
// reply that nobody read, a wish for another time, and words that point to danger.
var besides = [][2]string{
	{"  - {at: d4 11:05", "  - {at: d3 17:00, by: client, record: check-in-answered, with: {check_in: baseline, phq9: [2, 2, 3, 2, 2, 2, 1, 1, 0], gad7: [2, 2, 2, 2, 1, 2, 2], mood: 3}}\n"},
	{"  - {at: d32 10:00", "  - {at: d31 12:00, by: client, record: check-in-answered, with: {check_in: latest, phq9: [1, 2, 1, 1, 1, 1, 1, 0, 0], gad7: [1, 1, 1, 1, 1, 1, 1], mood: 6}}\n"},
	{"  - {at: d36 10:00", `  - {at: d35 18:00, by: provider, record: reply-received, with: {channel: sms, text_class: other, text: "Can my sister drive me home this time?"}}
  - {at: d36 08:10, by: client, record: appointment-change-requested, with: {appointment: infusion-3, wish: "after two, if you can"}}
  - {at: d36 08:20, by: provider, record: reply-received, with: {channel: sms, text_class: other, text: I am feeling worse}}
`},
}

// busyDay plays a client with a long name up to the morning of the third infusion.
func (o *office) busyDay() {
	o.t.Helper()
	body, err := fs.ReadFile(practice.Courses(), "standard-six.yaml")
	must(o.t, err)
	steps, _, ok := strings.Cut(string(body), "  # Infusion 3.")
	if !ok {
		o.t.Fatal("the standard course has no third infusion")
	}
	steps = strings.Replace(steps, "until: d90 09:00", "until: d36 09:00", 1)
	for _, step := range besides {
		steps = strings.Replace(steps, step[0], step[1]+step[0], 1)
	}
	steps, _, _ = strings.Cut(steps, "  - {at: d36 10:00")
	c, err := stage.Course(fstest.MapFS{"course.yaml": {Data: []byte(steps)}}, "course.yaml")
	must(o.t, err)
	c.Clients[0].PreferredName = "Maximiliana-Alexandrina Sample-Featherstonehaugh"
	ids, err := o.Play(o.t.Context(), c, "pages")
	must(o.t, err)
	o.client = ids["ana"]
}

// TestStaffFindTheirWayThroughPages looks at the pages that a coordinator, a psychotherapist, a physician, a nurse and an accountant
// work from, without JavaScript, on a desk and on a phone, in light and dark.
func TestStaffFindTheirWayThroughPages(t *testing.T) {
	t.Parallel()
	o := house(t)
	o.busyDay()
	_, err := o.Desk.Enroll(t.Context(), access.FromRehearsal(o.Practice.Policy, person.Actor{ID: "coordinator", Role: person.Coordinator}),
		desk.Enrollment{Reference: "second", PreferredName: "Ana", Phone: "+13035550199", Presenting: []string{"depression"}, Timezone: stage.Zone})
	must(t, err)
	holding := func(role person.Role) string { return o.consoleOf(o.Practice.Policy.FirstHolding(role)) }
	coordinator, psych, physician, nurse, accountant := holding(person.Coordinator), holding(person.Psychotherapist), holding(person.Physician), holding(person.Nurse), holding(person.Accountant)
	name, about := "Maximiliana-Alexandrina Sample-Featherstonehaugh", "/c/"+o.client
	for _, at := range screens() {
		s := onScreen(t, at)
		s.Do("open", browser.Args{"width": at.width, "height": at.height, "dark": at.dark})
		see := func(picture, url string, wanted ...string) {
			t.Helper()
			s.Do("goto", browser.Args{"url": url})
			s.look(picture, wanted...)
		}
		see("today", coordinator+"/", "Today", name, "Infusion 3", "move", "My tasks")
		s.guide("today")
		see("today-empty", coordinator+"/today?day=2020-01-05", "No visit is booked for this day", "Today")
		see("today-mine", psych+"/", name)
		see("inbox", coordinator+"/inbox", "Can my sister drive me home this time?", "after two, if you can", "Inbox (")
		s.guide("inbox")
		see("inbox-alert", physician+"/", "Risk", "Acknowledge", "left", "your move")
		see("inbox-nurse", nurse+"/inbox", "Nothing waits for your decision")
		see("client", coordinator+about, "Messages", "Who looked", "The course", "The course as a list")
		if text := s.Do("text", nil).Text; strings.Contains(text, "PHQ-9:") {
			t.Error("a coordinator sees scores on the course's line")
		}
		see("client-not-yet", psych+about+"/record", "What cannot be recorded now, and why", "Complete the course")
		see("client-scores", psych+about, "The course", "PHQ-9: 15, now 8", "GAD-7: 13, now 7")
		see("messages", coordinator+about+"/messages", "Ahead", "Will go", "A provider has taken it.")
		see("answers", physician+about+"/answers", "PHQ-9", "GAD-7", "Baseline", "Each answer")
		see("answers-none", coordinator+about+"/answers", "It is the psychotherapist’s move")
		see("money", coordinator+about+"/money", "Medical", "Psychotherapy", "$3,500.00", "Refund")
		see("money-codes", accountant+about+"/money", o.client, "$3,500.00")
		see("papers", coordinator+about+"/papers", "has not been given a document yet")
		see("history", coordinator+about+"/history", "Older", "What happened")
		see("history-at", nurse+about+"/history?at="+o.Practice.Zone.Local(o.chart().EnrolledAt).AddDate(0, 0, 12).Format("2006-01-02T15:04"), "How it stood", "Shut gates")
		see("access", coordinator+about+"/access", "Sample Physician", "Looked at the record")
		see("board", coordinator+"/board", name, "Ana")
		s.guide("board")
		s.Do("fill", browser.Args{"selector": "#find", "value": "nobody of this name"})
		s.Do("click", browser.Args{"selector": "form.find button"})
		s.look("found-none", "No client was found")
		s.Do("fill", browser.Args{"selector": "#find", "value": "maximiliana"})
		s.Do("click", browser.Args{"selector": "form.find button"})
		s.look("found", name)
	}
}

// TestTodayPrintsOnOnePage, for the wall of the front desk.
func TestTodayPrintsOnOnePage(t *testing.T) {
	t.Parallel()
	b := browser.Start(t)
	o := house(t)
	o.busyDay()
	b.Do("open", browser.Args{"width": 1280, "height": 900})
	b.Do("goto", browser.Args{"url": o.consoleOf(o.Practice.Policy.FirstHolding(person.Coordinator)) + "/today"})
	printed := filepath.Join(cmp.Or(os.Getenv(picturesVariable), t.TempDir()), "today.pdf")
	b.Do("pdf", browser.Args{"path": printed})
	pdf, err := os.ReadFile(printed)
	must(t, err)
	if pages := bytes.Count(pdf, []byte("/Type /Page\n")); pages != 1 {
		t.Errorf("Today prints on %d pages", pages)
	}
}
