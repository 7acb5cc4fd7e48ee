package browser_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"kapflow/access"
	"kapflow/console"
	"kapflow/console/staff"
	"kapflow/e2e/browser"
)

// outage is a session that cannot be read while the records are away.
type outage struct {
	signedIn
	on atomic.Bool
}

// Session is the person's, or fails.
func (o *outage) Session(r *http.Request) (access.Session, bool, error) {
	if o.on.Load() {
		return access.Session{}, false, errors.New("the records are away")
	}
	return o.signedIn.Session(r)
}

// TestStaffReadWhatIsNotSaved: the pages of an outage and of an ended session, without scripts.
func TestStaffReadWhatIsNotSaved(t *testing.T) {
	t.Parallel()
	o := open(t)
	away := &outage{signedIn: "coordinator"}
	web := httptest.NewTLSServer(console.Handler(&staff.Site{Desk: o.Desk, Sessions: away, Log: slog.New(slog.DiscardHandler), SignIn: "/sign-in"}))
	t.Cleanup(web.Close)
	d := behindSignIn(o)
	path := "/c/" + o.client + "/record/paused"
	for _, at := range screens() {
		s := onScreen(t, at)
		s.Do("open", browser.Args{"width": at.width, "height": at.height, "dark": at.dark})
		s.Do("goto", browser.Args{"url": web.URL + path})
		s.fill(map[string]string{"reason": "travels for two weeks,\nand does not know yet when they are back"})
		away.on.Store(true)
		s.press("section:last-of-type button[value=preview]")
		s.look("outage", "Not saved", "Nothing was recorded", "travels for two weeks", "Reason")
		away.on.Store(false)
		s.press("button:has-text('Try again')")
		s.look("outage-over", "What will happen")
		signIn := func() {
			link, err := d.sign.DemoLink(t.Context(), "coordinator")
			must(t, err)
			s.Do("goto", browser.Args{"url": link})
			s.press("main button")
		}
		signIn()
		s.Do("goto", browser.Args{"url": d.url + path})
		s.fill(map[string]string{"reason": "travels for two weeks"})
		d.later.Add(int64(16 * time.Minute))
		s.press("section:last-of-type button[value=preview]")
		signIn()
		s.Do("goto", browser.Args{"url": d.url + path + "?_draft=sent"})
		s.look("came-back", "Nothing was recorded yet", "What will happen")
		s.Do("forget", nil)
		s.press("section:last-of-type button[value=preview]")
		s.look("nobody-known", "you are signed out", "still in this page")
		must(t, d.Store.EndDraft(t.Context(), "coordinator", o.client, "paused"))
	}
}
