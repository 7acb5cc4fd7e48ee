package browser_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kapflow/care/person"
	"kapflow/e2e/browser"
)

// scripted opens a browser with scripts on a screen, whose clock is in a zone.
func scripted(t *testing.T, at screenKind, zone string) screen {
	t.Helper()
	s := onScreen(t, at)
	s.Do("open", browser.Args{"width": at.width, "height": at.height, "dark": at.dark, "script": true, "zone": zone})
	return s
}

// run gives what an expression is on the page.
func (s screen) run(code string) string { return s.Do("run", browser.Args{"code": code}).Text }

// until waits until an expression is true on the page.
func (s screen) until(code string) {
	s.t.Helper()
	s.Do("until", browser.Args{"code": code})
}

// shot takes a picture of what is in sight, if pictures are taken.
func (s screen) shot(name string) {
	if dir := os.Getenv(picturesVariable); dir != "" {
		s.Do("screenshot", browser.Args{"path": filepath.Join(dir, s.name+"-"+name+".png")})
	}
}

// theirs is where somebody is in a page: the focus, the scroll, the address, and what the page says.
const theirs = `[document.activeElement.getAttribute("href"), scrollY, location.href, document.querySelector("main").innerText].join("|")`

// TestAPageInUseDoesNotJump: 20 changes while a row is focused leave focus, scroll and page as they are. They wait behind a button, and
// a page that nobody works in shows them by itself. One stream serves all windows of a browser.
func TestAPageInUseDoesNotJump(t *testing.T) {
	t.Parallel()
	for _, at := range screens() { // on a phone rows move the most
		o := open(t) // with a board of its own, so that all rows stay on its first page
		for n := range 12 {
			o.enrolled(fmt.Sprintf("first-%d", n))
		}
		d := behindSignIn(o)
		s := scripted(t, at, o.Practice.Zone.Name)
		link, err := d.sign.DemoLink(t.Context(), "coordinator")
		must(t, err)
		s.Do("goto", browser.Args{"url": link})
		s.Do("click", browser.Args{"selector": "main button"})
		s.Do("goto", browser.Args{"url": d.url + "/board"})
		s.until(`navigator.locks.query().then(l => l.held.some(x => x.name === "kapflow-live"))`)
		s.run(`{ const rows = [...document.querySelectorAll("main a[href^='/c/']")]; const e = rows[rows.length - 2]; e.scrollIntoView({block: "center", behavior: "instant"}); e.focus({preventScroll: true}); }`)
		before := s.run(theirs)
		for n := range 20 {
			o.enrolled(fmt.Sprintf("%s-%d", at.name, n))
		}
		s.until(`document.querySelector(".changes:not([hidden])")?.textContent.startsWith("20 changes")`)
		if after := s.run(theirs); after != before {
			old, now := strings.Split(before, "\n"), strings.Split(after, "\n")
			for i := range min(len(old), len(now)) {
				if old[i] != now[i] {
					t.Errorf("%s: line %d was %q and is %q", at.name, i, old[i], now[i])
				}
			}
			t.Errorf("%s: %d lines became %d", at.name, len(old), len(now))
		}
		s.look("live-waiting", "changes – show")
		s.shot("live-waiting-seen")
		s.Do("click", browser.Args{"selector": ".changes button"})
		s.until(`document.querySelector("main").innerText.includes("` + at.name + `-19")`)
		focus, _, _ := strings.Cut(before, "|")
		if got := s.run(`document.activeElement.getAttribute("href")`); got != focus || s.run(`document.querySelector(".changes").hidden`) != "true" {
			t.Errorf("%s: the focus went from %s to %s", at.name, focus, got)
		}
		s.run(`document.activeElement.blur()`)
		o.enrolled("quiet-" + at.name)
		s.until(`document.querySelector("main").innerText.includes("quiet-` + at.name + `")`)
		_, err = d.Store.EndSessions(t.Context(), "coordinator", d.Desk.Now())
		must(t, err)
		s.until(`document.querySelector("h1").textContent === "Signed out" && !document.body.innerText.includes("quiet")`)
	}
}

// TestWhatIsTypedOutlivesAKilledTabAndTheNetwork.
func TestWhatIsTypedOutlivesAKilledTabAndTheNetwork(t *testing.T) {
	t.Parallel()
	o := open(t)
	form := o.consoleOf(o.Practice.Policy.FirstHolding("coordinator")) + "/c/" + o.client + "/record/paused"
	for _, at := range screens() {
		s := scripted(t, at, o.Practice.Zone.Name)
		s.Do("goto", browser.Args{"url": form})
		s.fill(map[string]string{"reason": "travels for two weeks"})
		s.until(`document.querySelector(".kept-at").textContent.startsWith("Draft kept at")`)
		s.look("draft-kept", "It is not recorded yet.")
		s.Do("open", browser.Args{"width": at.width, "height": at.height, "dark": at.dark, "script": true}) // the tab is gone
		s.Do("goto", browser.Args{"url": form})
		s.look("draft-offered", "You began this form at", "Continue", "Discard it")
		s.press("a:has-text('Continue')")
		if got := s.run(`document.querySelector("[name=reason]").value`); got != "travels for two weeks" {
			t.Errorf("the draft says %q", got)
		}
		s.Do("offline", browser.Args{"on": true})
		s.until(`document.querySelector(".offline:not([hidden])")`)
		s.fill(map[string]string{"reason": "travels for three weeks"})
		s.run(`document.querySelector("button[value=preview]").click()`)
		s.until(`document.querySelector(".offline").textContent.includes("not sent")`)
		s.look("offline", "Offline")
		s.Do("offline", browser.Args{"on": false})
		s.until(`document.querySelector(".offline").hidden`)
		s.press("section:last-of-type button[value=preview]")
		s.look("draft-preview", "What will happen")
		if got := s.run(`document.querySelector("[name=reason]").value`); got != "travels for three weeks" {
			t.Errorf("after the network came back: %q", got)
		}
		s.Do("goto", browser.Args{"url": form})
		s.press("button:has-text('Discard it')")
		if got := s.Do("text", nil).Text; strings.Contains(got, "You began") {
			t.Error("it is offered after it was discarded")
		}
	}
}

// TestTheClockOfAnInfusionRuns by the practice's clock, and times say their zone on a device in another one.
func TestTheClockOfAnInfusionRuns(t *testing.T) {
	t.Parallel()
	o := house(t)
	o.play(beforeAnInfusion)
	o.until(22, 12, 50)
	o.record(person.Nurse, "infusion-checked-in", map[string]any{"appointment": "infusion-1", "identity": true, "intention": true, "state_of_mind": true, "fasting_solids_h": 8,
		"fasting_liquids_h": 3, "escort": "Bo Sample", "escort_phone": "555-010-0123", "no_alcohol": true, "nothing_new": true, "systolic": 118, "diastolic": 76, "pulse": 68,
		"spo2": 98, "psychotherapist_present": true, "physician_present": true, "emergency_ready": true})
	o.until(22, 13, 0)
	o.record(person.Nurse, "infusion-started", map[string]any{"appointment": "infusion-1"})
	o.until(22, 13, 7)
	page := o.consoleOf(o.Practice.Policy.FirstHolding("nurse")) + "/c/" + o.client + "/infusion/infusion-1"
	for _, at := range screens() {
		s := scripted(t, at, "Asia/Tokyo")
		s.Do("goto", browser.Args{"url": page})
		s.until(`/^\d+:\d\d$/.test(document.querySelector(".clock time").textContent)`)
		began := s.run(`document.querySelector(".clock time").textContent`)
		s.until(`document.querySelector(".clock time").textContent !== "` + began + `"`)
		s.look("clock", "since 1:00 PM MST", "Next reading by 1:10 PM MST")
		here := scripted(t, at, o.Practice.Zone.Name)
		here.Do("goto", browser.Args{"url": page})
		here.until(`/^[789]:\d\d$/.test(document.querySelector(".clock time").textContent)`)
		if got := here.Do("text", nil).Text; strings.Contains(got, "1:10 PM MST") {
			t.Error("times say their zone where it is the reader's own")
		}
		here.fill(map[string]string{"systolic": "1"})
		o.record(person.Nurse, "psychotherapist-left", map[string]any{"appointment": "infusion-1"})
		here.until(`document.querySelector(".changes.urgent:not([hidden])")?.textContent === "1 new alert – show"`)
		if got := here.run(`document.querySelector("[name=systolic]").value`); got != "1" {
			t.Errorf("a reading that is being typed: %q", got)
		}
		here.look("clock-changes", "show")
		o.record(person.Nurse, "psychotherapist-returned", map[string]any{"appointment": "infusion-1"})
	}
}
