package page_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
)

// TestNothingBeforeTheSecondFactor checks that a link alone shows nothing about the client, however often it is opened.
func TestNothingBeforeTheSecondFactor(t *testing.T) {
	t.Parallel()
	o := open(t)
	token := o.book("2031-03-04 10:00")
	scanner := o.phone()
	for range 10 {
		status, body := scanner.get(token)
		if status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
		contains(t, body, "Cedar Office", "555-010-0100", "call or text 988")
		lacks(t, body, "Mar 4", "10:00", "valuation", "Ana", "Psychotherapist")
		if status, body, _ := scanner.request(http.MethodHead, token, nil); status != http.StatusOK || body != "" {
			t.Fatalf("HEAD gave %d %q", status, body)
		}
	}
	for _, path := range []string{token + "/messages", token + "/visit.ics"} {
		_, body := scanner.get(path)
		contains(t, body, "date of birth")
	}
	link, err := o.Link(t.Context(), token)
	must(t, err)
	if link.UsesLeft != message.LinkUses || link.TriesLeft != message.LinkTries {
		t.Errorf("reading used the link: %+v", link)
	}
	_, body := o.phone().unlock(token)
	contains(t, body, "Tue Mar 4, 10:00 AM MST", "Evaluation 1", "Main office", "Sample Psychotherapist", "call or text 988")
	_, body = scanner.get(token)
	lacks(t, body, "Mar 4") // another browser has no pass
}

// TestLinksThatDoNotOpen checks that the answer is the same whatever the reason.
func TestLinksThatDoNotOpen(t *testing.T) {
	t.Parallel()
	unknown := strings.Repeat("a", 43)
	for name, spoil := range map[string]func(*office, string) string{
		"Unknown": func(*office, string) string { return unknown },
		"Expired": func(o *office, token string) string { o.now = o.now.AddDate(0, 0, 30); return token },
		"Moved": func(o *office, token string) string {
			o.record(person.Coordinator, "appointment-moved", map[string]any{"appointment": "evaluation-1", "start": "2031-03-05 10:00"})
			return token
		},
		"OptedOut": func(o *office, token string) string {
			o.record(person.Provider, "reply-received", map[string]any{"channel": "sms", "text_class": "stop"})
			return token
		},
		"Deceased": func(o *office, token string) string { o.record(person.Coordinator, "deceased", nil); return token },
		"Spent": func(o *office, token string) string {
			must(o.t, o.EndLinkPasses(o.t.Context(), token, true))
			return token
		},
		"Malformed": func(*office, string) string { return "wp-login.php" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			token := o.book("2031-03-04 10:00")
			wantStatus, want := o.phone().get(unknown)
			token = spoil(o, token)
			p := o.phone()
			if status, body := p.get(token); status != http.StatusNotFound || status != wantStatus || body != want {
				t.Errorf("GET gave %d:\n%s\nwant %d:\n%s", status, body, wantStatus, want)
			}
			if status, body := p.unlock(token); status != wantStatus || body != want {
				t.Errorf("the right date of birth gave %d:\n%s", status, body)
			}
			if status, _, _ := p.request(http.MethodHead, token, nil); status != http.StatusOK {
				t.Errorf("HEAD gave %d", status)
			}
		})
	}
}

// TestWrongTries checks that the fifth wrong second factor revokes a link and ends all its passes.
func TestWrongTries(t *testing.T) {
	t.Parallel()
	o := open(t)
	token := o.book("2031-03-04 10:00")
	owner, guesser := o.phone(), o.phone()
	_, body := owner.unlock(token)
	contains(t, body, "Mar 4")
	if status, body := guesser.post(token, "month", "13", "day", "1", "year", "1990"); status != http.StatusForbidden {
		t.Errorf("no date gave %d %s", status, body) // and does not count as a try
	}
	for n := 1; n < message.LinkTries; n++ {
		status, body := guesser.post(token, "month", "2", "day", "1", "year", "1990")
		if status != http.StatusForbidden {
			t.Fatalf("try %d gave %d", n, status)
		}
		contains(t, body, "does not match")
	}
	if status, _ := guesser.post(token, "month", "2", "day", "1", "year", "1990"); status != http.StatusForbidden {
		t.Errorf("the fifth wrong one gave %d", status)
	}
	if status, _ := owner.get(token); status != http.StatusForbidden {
		t.Errorf("the link still opens: %d", status)
	}
}

// TestPassEnds checks that 15 minutes without a request, or signing out, ends a browser's pass.
func TestPassEnds(t *testing.T) {
	t.Parallel()
	o := open(t)
	token := o.book("2031-03-04 10:00")
	p := o.phone()
	p.unlock(token)
	for range 3 {
		o.now = o.now.Add(14 * time.Minute)
		_, body := p.get(token)
		contains(t, body, "Mar 4")
	}
	o.now = o.now.Add(16 * time.Minute)
	_, body := p.get(token)
	lacks(t, body, "Mar 4")
	p.unlock(token)
	_, body = p.post(token + "/leave")
	contains(t, body, "signed out on this device")
	_, body = p.get(token)
	lacks(t, body, "Mar 4")
}

// TestCodeByEmail uses the second factor of a client whose date of birth is not recorded.
func TestCodeByEmail(t *testing.T) {
	t.Parallel()
	o := open(t)
	ref, err := o.Hide(t.Context(), o.client, "birth_date", " ")
	must(t, err)
	o.record(person.Coordinator, "contact-changed", map[string]any{"birth_date": ref})
	token := o.book("2031-03-04 10:00")
	p := o.phone()
	_, body := p.get(token)
	contains(t, body, "Email me a code")
	_, body = p.post(token + "/code")
	contains(t, body, "We sent a code to your email address", "expires in 10 minutes", "6-digit code")
	o.now = o.now.Add(11 * time.Minute)
	if status, _ := p.post(token, "code", o.codes[0]); status != http.StatusForbidden {
		t.Errorf("a stale code gave %d", status)
	}
	p.post(token + "/code")
	_, body = p.post(token, "code", o.codes[1][:3]+" "+o.codes[1][3:])
	contains(t, body, "Tue Mar 4, 10:00 AM MST")
	if status, _ := o.phone().post(token, "code", o.codes[1]); status != http.StatusForbidden {
		t.Error("a code opened the page twice")
	}
	for range 10 {
		_, body = p.post(token + "/code")
	}
	contains(t, body, "cannot send a code right now")
	if len(o.codes) != 6 {
		t.Errorf("%d codes were sent in a day", len(o.codes))
	}
}

// TestHeaders checks the headers of every client page (security rule S13).
func TestHeaders(t *testing.T) {
	t.Parallel()
	o := open(t)
	token := o.book("2031-03-04 10:00")
	for _, path := range []string{token, token + "/messages", "nothing"} {
		_, _, h := o.phone().request(http.MethodGet, path, nil)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"Referrer-Policy":         "no-referrer", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.web.URL+"/"+token, strings.NewReader("month=1&day=31&year=1990"))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "https://elsewhere.example")
	if status, _, _ := o.phone().do(req); status != http.StatusForbidden {
		t.Errorf("another site's form gave %d", status)
	}
}

// TestLimits checks that guesses under one token are slowed down before anything is looked up.
func TestLimits(t *testing.T) {
	t.Parallel()
	o := open(t)
	p := o.phone()
	status := 0
	for range 60 {
		if status, _ = p.get(strings.Repeat("b", 43)); status == http.StatusTooManyRequests {
			break
		}
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("sixty requests in a row ended with %d", status)
	}
}

// TestLockedLinkSaysSoAndAsksTheCoordinatorToCall: the client reads what is true, then and whenever they come back.
func TestLockedLinkSaysSoAndAsksTheCoordinatorToCall(t *testing.T) {
	t.Parallel()
	o := open(t)
	token, p := o.book("2031-02-25 09:00"), o.phone()
	body := ""
	for range message.LinkTries {
		_, body = p.post(token, "month", "2", "day", "2", "year", "1992")
	}
	contains(t, body, "This link is locked", "Please call us")
	status, body := p.unlock(token)
	if status != http.StatusForbidden {
		t.Errorf("status %d", status)
	}
	contains(t, body, "This link is locked")
	list, err := o.Worklist(t.Context())
	must(t, err)
	if len(list) != 1 || list[0].Kind != message.WorklistLocked || list[0].ClientID != o.client {
		t.Errorf("%+v", list)
	}
}

// TestDoorOffersOnlyWhatGivesNothingAway goes through every channel of a link and every set of what the practice knows: the code
// never goes where the link came from, and who can open nothing is the coordinator's task.
func TestDoorOffersOnlyWhatGivesNothingAway(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.book("2031-03-04 10:00")
	for n := range 1 << 5 {
		has := func(bit int) bool { return n>>bit&1 == 1 }
		phone, mail, birth, pin := "", "", "", ""
		if has(0) {
			phone = "+13035550142"
		}
		if has(1) {
			mail = "ana@example.org"
		}
		if has(2) {
			birth = born
		}
		if has(3) {
			pin = "402851"
		}
		o.now = o.now.Add(time.Minute)
		o.record(person.Coordinator, "contact-changed", map[string]any{"phone": phone, "email": mail, "birth_date": birth, "pin": pin})
		channel, other := person.SMS, mail
		if has(4) {
			channel, other = person.Email, phone
		}
		v := o.chart().Visit("evaluation-1")
		token, err := o.NewLink(t.Context(), message.LinkOf(message.Delivery{ClientID: o.client, Channel: channel, Now: o.now,
			Notification: message.Notification{Template: message.TemplateBooked, About: "evaluation-1", Version: v.Version, Start: v.Start}}))
		must(t, err)
		status, body := o.phone().get(token)
		if status != http.StatusOK {
			t.Fatalf("case %d: status %d", n, status)
		}
		for words, want := range map[string]bool{
			"Your date of birth": birth != "", "The PIN you agreed with us": pin != "", "Email me a code": channel == person.SMS && other != "",
			"Text me a code": channel == person.Email && other != "", "To open it, please call us": birth == "" && pin == "" && other == "",
		} {
			if strings.Contains(body, words) != want {
				t.Errorf("case %d (link by %s, phone %q, email %q, born %q, PIN %q): %q is %t", n, channel, phone, mail, birth, pin, words, !want)
			}
		}
	}
	list, err := o.Worklist(t.Context())
	must(t, err)
	if len(list) != 1 || list[0].Kind != message.WorklistNoFactor || list[0].ClientID != o.client {
		t.Errorf("the coordinator has %+v", list)
	}
}

func TestPINOpensThePage(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.record(person.Coordinator, "contact-changed", map[string]any{"pin": "402851"})
	token, p := o.book("2031-03-04 10:00"), o.phone()
	if status, body := p.post(token, "pin", "402852"); status != http.StatusForbidden {
		t.Errorf("a wrong PIN gave %d:\n%s", status, body)
	}
	_, body := p.post(token, "pin", "402 851")
	contains(t, body, "Tue Mar 4, 10:00 AM MST")
}

// TestMoreLinksAreNotMoreGuesses: tries count for a client and a day, whatever the link and the kind of answer.
func TestMoreLinksAreNotMoreGuesses(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.book("2031-03-04 10:00")
	guesses := [][]string{{"month", "2", "day", "2", "year", "1992"}, {"code", "000000"}, {"pin", "111222"}}
	wrong := 0
	for range 3 * message.DayTries {
		status, body := o.phone().post(o.link(message.TemplateBooked, "evaluation-1"), guesses[wrong%len(guesses)]...)
		if status != http.StatusForbidden {
			t.Fatalf("a guess gave %d", status)
		}
		if strings.Contains(body, "does not match") {
			wrong++
		}
	}
	if wrong != message.DayTries {
		t.Errorf("%d guesses were compared in one day", wrong)
	}
	token := o.link(message.TemplateBooked, "evaluation-1")
	_, body := o.phone().unlock(token)
	contains(t, body, "does not open today", "Please call us")
	list, err := o.Worklist(t.Context())
	must(t, err)
	if len(list) != 1 || list[0].Kind != message.WorklistLocked {
		t.Errorf("%+v", list)
	}
	o.now = o.now.Add(24*time.Hour + time.Second)
	_, body = o.phone().unlock(token)
	contains(t, body, "Tue Mar 4, 10:00 AM MST")
}

// TestJunkSpendsNoClientsBudget: however much junk comes from a client's own address, their page and their code are there.
func TestJunkSpendsNoClientsBudget(t *testing.T) {
	t.Parallel()
	o := open(t)
	token, junk := o.book("2031-03-04 10:00"), o.phone()
	for n := range 150 {
		junk.get("wp-login.php?n=" + strings.Repeat("x", n%7))
	}
	for n := range 40 {
		junk.post(token[:8]+strings.Repeat(string(rune('a'+n%26)), 35)+"/code", "n", strings.Repeat("x", n))
	}
	p := o.phone()
	_, body := p.post(token + "/code")
	contains(t, body, "We sent a code to your email address")
	_, body = p.unlock(token)
	contains(t, body, "Tue Mar 4, 10:00 AM MST")
}
