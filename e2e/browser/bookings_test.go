package browser_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"kapflow/care/person"
	"kapflow/care/visit"
)

// readyToBook records what comes before an evaluation.
func (o *office) readyToBook() {
	o.record(person.Psychotherapist, "screening-recorded", map[string]any{"criteria_met": true, "prefers_kap": true})
	o.record(person.Psychotherapist, "coverage-reviewed", map[string]any{"result": "pays", "copay": 3000})
	o.record(person.Psychotherapist, "insurer-contact-waived", map[string]any{"reason": "the plan answers in writing"})
	o.record(person.Psychotherapist, "fees-discussed", map[string]any{"summary": "both fee sets"})
}

// TestFiftyBookOneSlot through the console's form at the same moment: one succeeds, and 49 are told why with what they typed still there.
func TestFiftyBookOneSlot(t *testing.T) {
	t.Parallel()
	const all = 50
	o := open(t)
	d := behindSignIn(o)
	clients := make([]string, all)
	var enrolling sync.WaitGroup
	for worker := range 5 {
		enrolling.Go(func() {
			for i := worker; i < all; i += 5 {
				each := &office{Environment: o.Environment, t: t, client: o.enrolled(fmt.Sprintf("slot-%d", i))}
				each.readyToBook()
				clients[i] = each.client
			}
		})
	}
	enrolling.Wait()
	b := d.tab().signIn("coordinator")
	start := o.Practice.Zone.Local(o.Practice.Zone.AddDays(o.Desk.Now(), 12)).Format("2006-01-02T15:04")
	forms := make([]url.Values, all)
	for i, client := range clients {
		forms[i] = b.ask(http.MethodGet, "/c/"+client+"/record/appointment-booked", nil).form("record")
		forms[i].Set("kind", string(visit.Evaluation))
		forms[i].Set("start", start)
		forms[i].Set("minutes", "60")
	}
	answers := make([]seen, all)
	var booking sync.WaitGroup
	for i, client := range clients {
		booking.Go(func() { answers[i] = b.ask(http.MethodPost, "/c/"+client+"/record/appointment-booked", forms[i]) })
	}
	booking.Wait()
	booked, told := 0, 0
	for i, got := range answers {
		chart, err := o.Store.Chart(t.Context(), clients[i])
		must(t, err)
		switch {
		case got.status == http.StatusSeeOther && len(chart.Visits) == 1 && chart.Visits[0].Start.Equal(o.Desk.Now().Truncate(time.Minute).AddDate(0, 0, 12)):
			booked++
		case got.status == http.StatusUnprocessableEntity && len(chart.Visits) == 0 && strings.Contains(got.body, "Nothing was recorded") && strings.Contains(got.body, `id="f-start-fault"`) &&
			strings.Contains(got.body, `value="`+start+`"`) && got.form("").Get("_once") == forms[i].Get("_once"):
			told++
		default:
			t.Errorf("client %d: %d to %s, %d visits: %.1500s", i, got.status, got.to, len(chart.Visits), got.body)
		}
	}
	if booked != 1 || told != all-1 {
		t.Errorf("%d booked, %d told", booked, told)
	}
}
