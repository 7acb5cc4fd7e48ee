package browser_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kapflow/access"
	"kapflow/console"
	"kapflow/console/staff"
	"kapflow/e2e/browser"
)

// signedIn is a session of one person, as the sign-in would give it.
type signedIn string

// Session is the person's.
func (s signedIn) Session(*http.Request) (access.Session, bool, error) {
	return access.Session{ID: string(s), Fresh: true}, true, nil
}

// consoleOf serves the staff console to one person of the practice.
func (o *office) consoleOf(id string) string {
	o.t.Helper()
	web := httptest.NewTLSServer(console.Handler(&staff.Site{Desk: o.Desk, Sessions: signedIn(id), Log: slog.New(slog.DiscardHandler), SignIn: "/sign-in"}))
	o.t.Cleanup(web.Close)
	return web.URL
}

// screen is the browser on somebody's desk, or their phone.
type screen struct {
	*browser.Browser
	t *testing.T
	screenKind
}

// screenKind is what the console is used on.
type screenKind struct {
	name   string // goes before each picture's name
	width  int
	height int
	dark   bool
	also   []screenKind // other screens on which each page is looked at, without being used there
}

// onScreen starts a browser, to be opened on a screen.
func onScreen(t *testing.T, at screenKind) screen {
	t.Helper()
	return screen{browser.Start(t), t, at}
}

// The four screens on which people use the console.
var (
	onDesk      = screenKind{name: "desk", width: 1280, height: 900}
	onDeskDark  = screenKind{name: "desk-dark", width: 1280, height: 900, dark: true}
	onPhone     = screenKind{name: "phone", width: 360, height: 740}
	onPhoneDark = screenKind{name: "phone-dark", width: 360, height: 740, dark: true}
)

// screens gives the screens on which a test uses the pages: all four when pictures are taken, and otherwise, to keep CI short, a phone in the
// dark. A copy of each page is then looked at on a desk in light too.
func screens() []screenKind {
	if os.Getenv(picturesVariable) != "" {
		return []screenKind{onDesk, onDeskDark, onPhone, onPhoneDark}
	}
	both := onPhoneDark
	both.also = []screenKind{onDesk}
	return []screenKind{both}
}

// look reports everything that is wrong with a page as it stands, and takes its picture.
func (s screen) look(name string, wanted ...string) {
	s.t.Helper()
	s.fits(name, s.screenKind, s.Do("measure", nil))
	s.accessible(name, s.Do("audit", nil))
	for _, other := range s.also {
		a, name := s.Do("audit", browser.Args{"width": other.width, "height": other.height, "dark": other.dark}), other.name+"-"+name
		s.fits(name, other, a)
		s.accessible(name, a)
	}
	if dir := os.Getenv(picturesVariable); dir != "" {
		s.Do("screenshot", browser.Args{"path": filepath.Join(dir, s.name+"-"+name+".png"), "full": true})
	}
	text := s.Do("text", nil).Text
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			s.t.Errorf("%s lacks %q:\n%s", name, w, text)
		}
	}
}

// fits reports what does not fit on a screen.
func (s screen) fits(name string, at screenKind, m browser.Answer) {
	s.t.Helper()
	if m.Width > at.width || len(m.Small)+len(m.Squeezed)+len(m.Outside) > 0 {
		s.t.Errorf("%s: %d pixels wide of %d, too small to tap: %v, squeezed: %v, sticking out: %q", name, m.Width, at.width, m.Small, m.Squeezed, m.Outside)
	}
}

// accessible reports what axe-core found.
func (s screen) accessible(name string, a browser.Answer) {
	s.t.Helper()
	if len(a.Violations) > 0 {
		s.t.Errorf("%s is not accessible:\n%s", name, strings.Join(a.Violations, "\n"))
	}
}

// TestStaffRecordAFactThroughPages goes the way of a coordinator from the board to a recorded fact, and of one who makes a
// mistake, without JavaScript, on a desk and on a phone, in light and dark.
func TestStaffRecordAFactThroughPages(t *testing.T) {
	t.Parallel()
	o := open(t)
	home := o.consoleOf(o.Practice.Policy.FirstHolding("coordinator"))
	for _, at := range screens() {
		s := onScreen(t, at)
		s.Do("open", browser.Args{"width": at.width, "height": at.height, "dark": at.dark})
		s.Do("goto", browser.Args{"url": home + "/board"})
		s.look("board", "Ana", "Whose move")
		s.Do("click", browser.Args{"selector": "text=Ana"})
		s.look("client", "Ana", "Before the next infusion", "Open tasks", "Evaluation 1")
		s.guide("client")
		s.Do("click", browser.Args{"selector": "a[href$='record/paused']"})
		s.look("form", "Reason")
		s.Do("click", browser.Args{"selector": "button[value=preview]"})
		s.look("form-refused", "Nothing was recorded")
		s.Do("fill", browser.Args{"selector": "[name=reason]", "value": "travels for two weeks"})
		s.Do("click", browser.Args{"selector": "button[value=preview]"})
		s.look("form-preview", "What will happen")
		s.Do("goto", browser.Args{"url": home + "/c/client-none"})
		s.look("unknown", "No client has this code")
	}
}
