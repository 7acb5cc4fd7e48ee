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
	t           *testing.T
	width       int
	pictureName string // goes before each picture's name
}

// screenKind is what the console is used on.
type screenKind struct {
	name   string
	width  int
	height int
	dark   bool
}

// screens gives each width and each color scheme once, which keeps CI short, and all four together when pictures are taken.
func screens() []screenKind {
	desk, deskDark := screenKind{"desk", 1280, 900, false}, screenKind{"desk-dark", 1280, 900, true}
	phone, phoneDark := screenKind{"phone", 360, 740, false}, screenKind{"phone-dark", 360, 740, true}
	if os.Getenv(picturesVariable) == "" {
		return []screenKind{desk, phoneDark}
	}
	return []screenKind{desk, deskDark, phone, phoneDark}
}

// look reports everything that is wrong with a page as it stands, and takes its picture.
func (s screen) look(name string, wanted ...string) {
	s.t.Helper()
	if m := s.Do("measure", nil); m.Width > s.width || len(m.Small)+len(m.Squeezed)+len(m.Outside) > 0 {
		s.t.Errorf("%s: %d pixels wide of %d, too small to tap: %v, squeezed: %v, sticking out: %q", name, m.Width, s.width, m.Small, m.Squeezed, m.Outside)
	}
	if found := s.Do("audit", nil).Violations; len(found) > 0 {
		s.t.Errorf("%s is not accessible:\n%s", name, strings.Join(found, "\n"))
	}
	if dir := os.Getenv(picturesVariable); dir != "" {
		s.Do("screenshot", browser.Args{"path": filepath.Join(dir, s.pictureName+"-"+name+".png"), "full": true})
	}
	text := s.Do("text", nil).Text
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			s.t.Errorf("%s lacks %q:\n%s", name, w, text)
		}
	}
}

// TestStaffRecordAFactThroughPages goes the way of a coordinator from the board to a recorded fact, and of one who makes a
// mistake, without JavaScript, on a desk and on a phone, in light and dark.
func TestStaffRecordAFactThroughPages(t *testing.T) {
	o := open(t)
	desk := o.consoleOf(o.Practice.Policy.FirstHolding("coordinator"))
	for _, at := range screens() {
		s := screen{browser.Start(t), t, at.width, at.name}
		s.Do("open", browser.Args{"width": at.width, "height": at.height, "dark": at.dark})
		s.Do("goto", browser.Args{"url": desk + "/board"})
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
		s.Do("goto", browser.Args{"url": desk + "/c/client-none"})
		s.look("unknown", "No client has this code")
	}
}
