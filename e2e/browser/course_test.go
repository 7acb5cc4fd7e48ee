package browser_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/console/signin"
	"kapflow/e2e/browser"
)

// course is a course of treatment as five people take it through pages: each in a window of their own, without JavaScript, by keyboard
// alone. Nothing in it clicks, and nothing is recorded but by what they press. JavaScript is on for the passkeys only.
type course struct {
	screen
	*door
	at   screenKind
	seen map[string]int // how often a page was looked at, by name
}

// pair is a field of a form and what is typed into it.
type pair struct{ name, value string }

// sit opens a window for a person. Who works at the practice sets a passkey up behind their invitation.
func (c *course) sit(role person.Role) {
	c.t().Helper()
	staff := role != person.Client
	c.screen.Do("open", browser.Args{"width": c.at.width, "height": c.at.height, "dark": c.at.dark, "zone": c.Practice.Zone.Name, "as": string(role), "script": staff})
	if !staff {
		return
	}
	c.screen.Passkey(c.invitation(c.Practice.Policy.FirstHolding(role)), func() { c.meet("invitation", "Add a passkey") })
	c.meet("landing-" + string(role))
}

func (c *course) t() *testing.T { return c.screen.t }

// as goes on in somebody's window.
func (c *course) as(role person.Role) { c.screen.Do("turn", browser.Args{"as": string(role)}) }

// enter goes to a link or a button by Tab, and presses Enter.
func (c *course) enter(selector string) {
	c.t().Helper()
	c.screen.Do("enter", browser.Args{"selector": selector})
}

// typed fills in fields.
func (c *course) typed(fields ...pair) {
	c.t().Helper()
	for _, f := range fields {
		c.screen.Do("type", browser.Args{"name": f.name, "value": f.value})
	}
}

// meet looks at a page as it stands, the first time that it is met, and a few times in a long test. It holds that it says something.
func (c *course) meet(name string, wanted ...string) {
	c.t().Helper()
	most := 1
	if long() {
		most = 4
	}
	if c.seen[name]++; c.seen[name] <= most {
		c.look("course-"+name, wanted...)
		return
	}
	text := c.screen.Do("text", nil).Text
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			c.t().Errorf("%s lacks %q:\n%s", name, w, text)
		}
	}
}

// find goes to the client's page by the search box.
func (c *course) find() {
	c.t().Helper()
	c.typed(pair{"for", "Robin"})
	c.enter("#find")
	c.meet("client", "Robin")
}

// record goes from the page it is on to a fact's form, fills it in, reads what will happen, and records it.
func (c *course) record(title string, fields ...pair) {
	c.t().Helper()
	c.enter("a:text-is(\"" + title + "\")")
	c.meet("form-" + title)
	c.typed(fields...)
	c.enter(".buttons button[value=preview]")
	c.meet("preview", "What will happen")
	c.enter("button[value=record]:visible")
	c.meet("recorded", "Recorded")
}

// about goes to the page of one of the client's visits and records something there.
func (c *course) about(visit, title string, fields ...pair) {
	c.t().Helper()
	c.find()
	c.enter(".side a:text-is(\"" + visit + "\")")
	c.meet("visit", visit)
	c.record(title, fields...)
}

// refused sends a form as it is, and holds what the person reads who sent it.
func (c *course) refused(name string, wanted ...string) {
	c.t().Helper()
	c.enter(".buttons button[value=preview]")
	c.meet("refused-"+name, wanted...)
}

// confirmed lets so much time go by that the person on the page, who is about to record something grave, has to sign in again. They do it
// with their passkey, come back to the form as they filled it in, and record it.
func (c *course) confirmed() {
	c.t().Helper()
	c.later.Add(int64(signin.DefaultFresh + time.Minute))
	c.enter("button[value=record]:visible")
	c.meet("sign-in-again", "please confirm that it is you")
	c.screen.Confirm()
	c.meet("after-sign-in", "Nothing was recorded yet", "What will happen")
	c.enter("button[value=record]:visible")
	c.meet("recorded", "Recorded")
}

// link opens the client's page that the newest text message leads to.
func (c *course) link(fits string) {
	c.t().Helper()
	c.as(person.Client)
	c.screen.Do("goto", browser.Args{"url": c.web.URL + "/" + linkInText.FindStringSubmatch(c.texted(fits))[1]})
	if strings.Contains(c.screen.Do("text", nil).Text, "Your date of birth") {
		c.typed(pair{"month", "01"}, pair{"day", "31"}, pair{"year", "1990"})
		c.enter("button:text-is('Open the page')")
	}
}

// day lets time go on to a day of the course, which begins with day 1.
func (c *course) day(day, hour, minute int) { c.t().Helper(); c.door.until(day, hour, minute) }

// on writes a day of the course and a time as a field takes it.
func (c *course) on(day int, clock string) string {
	z := c.Practice.Zone
	return z.Local(z.AddDays(c.chart().EnrolledAt, day-1)).Format("2006-01-02T") + clock
}

// date writes a day of the course as a field takes it.
func (c *course) date(day int) string { return strings.TrimSuffix(c.on(day, ""), "T") }

// long says whether the tests that take minutes run.
func long() bool { return os.Getenv("KAPFLOW_DRILL") != "" || os.Getenv(picturesVariable) != "" }

// TestFivePeopleTakeAWholeCourseThroughPages: a coordinator, a psychotherapist, a physician, a nurse and a client go from the enrollment to
// the completed course by keyboard, with JavaScript for their passkeys alone. Whoever meets a refusal reads what is missing and whose move it is.
func TestFivePeopleTakeAWholeCourseThroughPages(t *testing.T) {
	if !long() {
		t.Skip("too long for CI; `make drills` and `make pictures` run it. The other tests of this package take each part of a course through pages")
	}
	t.Parallel()
	for _, at := range []screenKind{onDesk, onDeskDark, onPhone, onPhoneDark} {
		t.Run(at.name, func(t *testing.T) {
			o := house(t)
			o.Clock.Set(o.monday(9))
			c := &course{screen: onScreen(t, at), door: behindSignIn(o), at: at, seen: map[string]int{}}
			c.sign.Idle = signin.DefaultLongest // weeks go by in minutes, and nobody has to sign in every day
			for _, role := range []person.Role{person.Psychotherapist, person.Physician, person.Nurse, person.Client, person.Coordinator} {
				c.sit(role)
			}
			c.enroll()
			c.accept()
			c.book()
			c.prepare()
			c.order()
			c.come()
			c.infuse()
			c.follow()
			if got := o.chart().Stage(); got != care.StageCompleted {
				t.Errorf("the course ends as %s", got)
			}
			for _, fact := range []string{"appointment-confirmed", "readiness-answered", "check-in-answered"} {
				if !o.didByClient(fact) {
					t.Errorf("the client did not report %s", fact)
				}
			}
		})
	}
}

// enroll: the coordinator enrolls the client, and reads whose move it is when an evaluation cannot be booked yet.
func (c *course) enroll() {
	c.as(person.Coordinator)
	c.enter("nav a:text-is('Today')")
	c.enter("a[href='/enroll']")
	c.meet("enroll", "Enroll a client")
	c.typed(pair{"presenting", "depression"}, pair{"preferred_name", "Robin"}, pair{"pronouns", "they/them"}, pair{"phone", "303 555 0142"}, pair{"email", "robin@example.org"}, pair{"birth_date", "1990-01-31"},
		pair{"_consent_sms", "appointment-time"}, pair{"_consent_email", "minimal"})
	c.enter("button:text-is('Enroll the client')")
	c.meet("enrolled", "Robin", "they/them", "Enroll a client: number 1")
	c.client = strings.Split(c.run("location.pathname"), "/")[2]
	c.enter("a:text-is('Book a visit')")
	c.typed(pair{"kind", "evaluation"}, pair{"start", c.on(2, "10:00")})
	c.refused("too-early", "coverage not reviewed", "psychotherapist")
}
