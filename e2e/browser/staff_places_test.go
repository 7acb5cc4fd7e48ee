package browser_test

import (
	"strings"
	"testing"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/e2e/browser"
)

// TestStaffPlacesOfThePractice looks at what is beside the clients: who I am, the settings in force, the reports, and the inbox with a
// text from a number that two clients share; on a desk and on a phone, without JavaScript.
func TestStaffPlacesOfThePractice(t *testing.T) {
	t.Parallel()
	o := open(t)
	owner, coordinator := o.consoleOf(o.Practice.Policy.FirstHolding(person.Owner)), o.consoleOf(o.Practice.Policy.FirstHolding(person.Coordinator))
	physician := o.consoleOf(o.Practice.Policy.FirstHolding(person.Physician))
	item := message.WorklistItem{Kind: message.WorklistAlarm, About: "twilio:SM1", Clients: []string{o.client, "client-2"}, Since: o.Clock.Now(),
		Words: "Call this number now. +13035550142, a number that " + o.client + " and client-2 share, wrote: I cannot go on"}
	if err := o.Store.KeepWorklist(t.Context(), item.Kind, o.Clock.Now(), []message.WorklistItem{item}); err != nil {
		t.Fatal(err)
	}
	for _, at := range screens() {
		s := onScreen(t, at)
		s.Do("open", browser.Args{"width": at.width, "height": at.height, "dark": at.dark})
		s.Do("goto", browser.Args{"url": owner + "/"})
		s.look("practice", "Who works here", "Infusion days", "To change a setting")
		s.Do("goto", browser.Args{"url": owner + "/practice/rehearse?sample=two-clients-collide"})
		s.look("rehearse", "The course file", "Two clients whose visits collide")
		s.press("form[method='post'] button:has-text('Play the course')")
		s.look("rehearse-played", "The course went as the file says", "How it ends", "The whole message")
		s.Do("goto", browser.Args{"url": owner + "/practice"})
		s.press("a[href='/reports']")
		s.look("reports", "Where clients stand", "PHQ-9")
		s.press(".me a[href='/me']")
		s.look("me", "My roles", "Passkeys and sessions")
		s.Do("goto", browser.Args{"url": physician + "/me"})
		s.press("button:has-text('calendar link')")
		s.look("me-feed", "This is the address of your calendar", "Make a new calendar link", "End the calendar link")
		s.Do("goto", browser.Args{"url": coordinator + "/inbox"})
		s.look("inbox-shared", "Whose words are these?", "Danger", "Assign this text")
	}

	s := scripted(t, onPhone, o.Practice.Zone.Name)
	s.Do("goto", browser.Args{"url": physician + "/me"})
	s.press("button:has-text('calendar link')")
	s.press("button:text-is('Copy')")
	s.until(`document.querySelector("#f-feed + button").textContent === "Copied"`)
	s.look("me-feed-copied", "Copied")
	s.Do("paste", browser.Args{"selector": "[name=for]"})
	if address := s.run(`document.querySelector("#f-feed").value`); !strings.HasSuffix(address, ".ics") || s.run(`document.querySelector("[name=for]").value`) != address {
		t.Errorf("%s was not copied", address)
	}
}
