package browser_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kapflow/e2e/browser"
)

// at writes a day of the office's calendar and a time as a browser's field takes it.
func (o *office) at(days int, clock string) string {
	z := o.Practice.Zone
	return z.Local(z.AddDays(o.Clock.Now(), days)).Format("2006-01-02T") + clock
}

// TestStaffBookMoveAndCancelThroughPages goes a coordinator's day: enroll, book, move, cancel, take a payment, note an absence,
// compare packages; on a desk and a phone, without JavaScript.
func TestStaffBookMoveAndCancelThroughPages(t *testing.T) {
	t.Parallel()
	for _, at := range screens() {
		t.Run(at.name, func(t *testing.T) {
			o := open(t)
			home := o.consoleOf(o.Practice.Policy.FirstHolding("coordinator"))
			s := onScreen(t, at)
			s.Do("open", browser.Args{"width": at.width, "height": at.height, "dark": at.dark})
			s.Do("goto", browser.Args{"url": home + "/enroll"})
			s.look("desk-a-enroll", "Enroll a client", "Does the client agree to text messages?")
			s.guide("enroll")
			s.fill(map[string]string{"preferred_name": "Bo", "phone": "303 555 0199", "email": "bo at example"})
			s.press("button:has-text('Enroll the client')")
			s.look("desk-b-enroll-refused", "Nothing was recorded")
			s.fill(map[string]string{"email": "bo@example.org", "birth_date": "1985-05-02"})
			s.press("label:has([name=presenting][value=depression])")
			s.press("button:has-text('Show what will happen')")
			s.look("desk-b-enroll-preview", "What will happen", "The client is enrolled", "New:")
			s.press("button:has-text('Enroll the client')")
			s.look("desk-c-enrolled", "Bo", "Enroll a client: number 1")

			s.Do("goto", browser.Args{"url": home + "/enroll"})
			s.fill(map[string]string{"preferred_name": "Ana", "phone": "303 555 0142"})
			s.press("label:has([name=presenting][value=depression])")
			s.press("button:has-text('Enroll the client')")
			s.look("desk-d-known", "seems to be a client already", "Is it another person?")

			path := home + "/c/" + o.client
			s.Do("goto", browser.Args{"url": path + "/visits/evaluation-1"})
			s.look("desk-e-visit", "Evaluation 1", "Move a visit", "Cancel a visit")
			s.fill(map[string]string{"start": o.at(14, "11:00")})
			s.press("button:has-text('Show what will happen')")
			s.look("desk-f-move", "What will happen", "moves from", "Messages")
			s.guide("form")
			s.press("button[value=record]:visible")
			s.look("desk-g-moved", "Moved before", "11:00 AM")
			s.press("a:has-text('Cancel a visit')")
			s.choose(map[string]string{"side": "client"})
			s.press(".buttons button[value=preview]")
			s.press("button[value=record]:visible")
			s.look("desk-h-cancelled", "Canceled")

			s.Do("goto", browser.Args{"url": path + "/record/appointment-booked"})
			s.choose(map[string]string{"kind": "evaluation"})
			s.fill(map[string]string{"start": o.at(3, "09:00")})
			s.press("button:has-text('Record at once')")
			s.Do("goto", browser.Args{"url": path + "/record/payment-received"})
			s.fill(map[string]string{"amount": "30"})
			s.look("desk-i-payment", "Which fees")
			s.press("label:has([name=fee_set][value=psychotherapy])")
			s.press("label:has([name=method][value=card])")
			s.press(".buttons button[value=preview]")
			s.look("desk-j-payment-preview", "What will happen")
			s.press("button[value=record]:visible")
			s.Do("goto", browser.Args{"url": home + "/money"})
			s.look("desk-k-money", "Received today", "$30.00", "No refund is waiting")
			s.guide("money")
			s.Do("goto", browser.Args{"url": home + "/money/compare?n=9"})
			s.look("desk-l-compare", "$5,300.00", "Package of 6, consult included, and 3 single infusions", "Cheapest")

			s.Do("goto", browser.Args{"url": home + "/practice/record/clinician-unavailable"})
			s.press(".buttons button[value=preview]")
			s.look("desk-m-absence-refused", "Nothing was recorded")
			s.Do("click", browser.Args{"selector": "label:has([name=clinician][value=psy-sample])"})
			s.fill(map[string]string{"from": o.at(2, "00:00"), "to": o.at(5, "00:00")})
			s.press(".buttons button[value=preview]")
			s.look("desk-n-absence-preview", "What will happen", "Ana", "to be booked again")
			s.press("button[value=record]:visible")
			z := o.Practice.Zone
			year, week := z.Local(z.AddDays(o.Clock.Now(), 3)).ISOWeek()
			s.Do("goto", browser.Args{"url": home + "/calendar/" + strings.ReplaceAll(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006")+"-W"+twoDigits(week), " ", "")})
			s.look("desk-o-calendar", "Calendar", "Away", "Ana", "rebooked")
			s.Do("goto", browser.Args{"url": home + "/c/" + o.client + "/record/check-in-answered"})
			s.look("desk-p-questions", "PHQ-9", "Nearly every day")
			s.Do("goto", browser.Args{"url": home + "/enroll/csv"})
			s.look("desk-q-file", "Enroll from a file")
		})
	}
}

func twoDigits(n int) string { return string(rune('0'+n/10)) + string(rune('0'+n%10)) }

// withoutBrowser is a client of the console that follows no redirect.
func withoutBrowser() *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, //nolint:gosec // the test's own server
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// TestStaffSendAFormTwiceAndRecordItOnce: a double click, F5, back and send again, and two tabs are one fact, and lead to the same
// place. A form that two people have open says to the second one what changed.
func TestStaffSendAFormTwiceAndRecordItOnce(t *testing.T) {
	t.Parallel()
	o := open(t)
	base := o.consoleOf(o.Practice.Policy.FirstHolding("coordinator")) + "/c/" + o.client
	web := withoutBrowser()
	get := func(path string) string {
		t.Helper()
		answer, err := web.Get(base + path)
		must(t, err)
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		must(t, err)
		return string(body)
	}
	post := func(path string, fields url.Values) (status int, to, body string) {
		t.Helper()
		answer, err := web.PostForm(base+path, fields)
		must(t, err)
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		must(t, err)
		return answer.StatusCode, answer.Header.Get("Location"), string(text)
	}
	once := regexp.MustCompile(`name="_once" value="([^"]+)"`).FindStringSubmatch(get("/record/paused"))[1]
	fields := url.Values{"_once": {once}, "_seen": {"0"}, "reason": {"travels"}, "_do": {"record"}}
	before := o.chart().Facts
	type answer struct {
		status int
		to     string
	}
	answers := make(chan answer, 2)
	for range 2 { // a double click
		go func() {
			status, to, _ := post("/record/paused", fields)
			answers <- answer{status, strings.Replace(to, "again=1&", "", 1)} // one of the two says that it was recorded before
		}()
	}
	first, second := <-answers, <-answers
	fields.Set("reason", "travels, typed after going back")
	third, sent, _ := post("/record/paused", fields)
	fields.Set("_do", "preview")
	fourth, again, _ := post("/record/paused", fields)
	repeated := strings.Replace(first.to, "?", "?again=1&", 1)
	if first != second || first.status != http.StatusSeeOther || third != first.status || sent != repeated || fourth != first.status || again != repeated {
		t.Errorf("%v, %v, %d %s, %d %s", first, second, third, sent, fourth, again)
	}
	if got := o.chart().Facts; got != before+1 {
		t.Errorf("%d facts were recorded", got-before)
	}
	status, _, body := post("/record/resumed", url.Values{"_seen": {"1"}, "_do": {"preview"}})
	if status != http.StatusOK || !strings.Contains(body, "the record moved on") {
		t.Errorf("%d: nobody is told what changed since", status)
	}
}

// TestStaffEnrollAFileAndGetItsBadRowsBack: good rows are enrolled, once; bad ones are named and given back.
func TestStaffEnrollAFileAndGetItsBadRowsBack(t *testing.T) {
	t.Parallel()
	o := open(t)
	home := o.consoleOf(o.Practice.Policy.FirstHolding("coordinator"))
	give := func(csv string) string {
		t.Helper()
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		part, err := w.CreateFormFile("file", "clients.csv")
		must(t, err)
		_, err = part.Write([]byte(csv))
		must(t, err)
		must(t, w.Close())
		answer, err := withoutBrowser().Post(home+"/enroll/csv", w.FormDataContentType(), &body)
		must(t, err)
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		must(t, err)
		return string(text)
	}
	const file = "preferred_name,phone,presenting\nCy,+13035550177,depression\nDee,303,depression\nEli,+13035550178,anxiety\n"
	for n, want := range [][]string{{"2 enrolled", "1 not enrolled", "Line 3"}, {"0 enrolled", "2 known already", "1 not enrolled"}} {
		text := give(file)
		for _, w := range append(want, "data:text/csv;charset=utf-8;base64,cHJlZmVycmVkX25hbWUscGhvbmUscHJlc2VudGluZwpEZWUsMzAzLGRlcHJlc3Npb24K") {
			if !strings.Contains(text, w) {
				t.Errorf("giving the file in for time %d does not say %q", n+1, w)
			}
		}
	}
	if text := give(""); !strings.Contains(text, "Choose a file first") {
		t.Error("an empty file is taken in")
	}
}
