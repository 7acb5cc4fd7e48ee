package staff

import (
	"net/http"
	"slices"
	"time"
	"unicode"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/desk"
)

// clientPage is what a client's page shows.
type clientPage struct {
	Head     clientHead
	ID       string
	Contact  person.Contact
	Zone     clock.Zone // the practice's
	Stage    care.Stage
	Sentence string // where the client stands, and whose move it is
	Over     bool   // the course is over, so no infusion follows
	Shut     []care.Gate
	Open     []care.Gate
	Tasks    []openTask
	Alerts   []care.Alert
	Visits   []care.Visit // open ones, soonest first
	Course   *courseLine  // nil: it only began
	Next     []nextMessage
	Words    []record.ClientWord
	Worklist []message.WorklistItem
	Offers   []offerGroup
	Balances []balance
	Recorded *recordedNote // of a form that led here; nil: none
	Now      time.Time
}

// openTask is a task, and where it is done.
type openTask struct {
	care.Task
	Do link
}

// nextMessage is a message that will go out.
type nextMessage struct {
	At    time.Time
	Words string
}

// balance is what the client owes for one fee set, in cents.
type balance struct {
	FeeSet money.FeeSet
	Owed   money.Cents
}

// nextMessages is how many coming messages the client's page shows.
const nextMessages = 5

// client shows one client: who this is, where they stand, what blocks them and whose move it is. The page is made while the look is written
// to the audit log.
func client(v *visitor) error {
	var made []byte
	err := v.site.Desk.ShowStanding(v.r.Context(), v.who, v.r.PathValue("client"), v.r.URL.Query().Has("seen"), func(s desk.Standing) error {
		p, err := v.clientPage(s)
		if err != nil {
			return err
		}
		made, err = v.frame(http.StatusOK, page{Title: "Client", Template: "client", Data: p}).render()
		return err
	})
	if err != nil {
		return err
	}
	send(v.w, http.StatusOK, made)
	return nil
}

// clientPage says where a client stands.
func (v *visitor) clientPage(standing desk.Standing) (clientPage, error) {
	rec, worklist := standing.Record, standing.Worklist
	c := rec.Chart
	now := v.chartNow(c)
	p := clientPage{Head: v.head(c.ClientID, rec.Contact.PreferredName, ""), ID: c.ClientID, Contact: rec.Contact, Zone: c.Zone, Stage: c.Stage(), Over: c.Closed(), Alerts: c.OpenAlerts(),
		Words: rec.ClientWords(now), Worklist: worklist, Now: now}
	tasks, offered := c.Tasks(now), v.offeredOf(c, now)
	p.Sentence, p.Course, p.Offers = v.plain(sentenceOf(c, tasks, now)), drawCourse(c, standing.Readings, now), offerGroups(c.ClientID, offered)
	for _, t := range tasks {
		do := link{Text: v.plain(t.Words)}
		if v.holds(t.Role) { // who may do another's task finds its form in the list
			do = taskLink(c.ClientID, t, do.Text, func(fact string) bool { return offered[fact].Now })
		}
		p.Tasks = append(p.Tasks, openTask{t, do})
	}
	var err error
	if p.Recorded, err = v.recordedNote(rec); err != nil {
		return clientPage{}, err
	}
	for i := range c.Visits {
		if c.Visits[i].Open() {
			p.Visits = append(p.Visits, c.Visits[i])
		}
	}
	slices.SortStableFunc(p.Visits, func(a, b care.Visit) int { return a.Start.Compare(b.Start) })
	for _, d := range c.Notifications() {
		next := nextMessage{d.At, d.Words}
		if d.At.After(now) && len(p.Next) < nextMessages && !slices.Contains(p.Next, next) { // several alerts may climb at once
			p.Next = append(p.Next, next)
		}
	}
	for _, g := range c.Gates(now) {
		g.Reason = v.plain(g.Reason)
		if g.Open {
			p.Open = append(p.Open, g)
		} else {
			p.Shut = append(p.Shut, g)
		}
	}
	if v.sees(access.Money) {
		p.Balances = []balance{{money.Medical, c.Balance(money.Medical)}, {money.Psychotherapies, c.Balance(money.Psychotherapies)}}
	}
	return p, nil
}

// sentenceOf says in one sentence what the client waits for: "Labs are not reviewed: the physician's move, due Tue Dec 1."
func sentenceOf(c *care.Chart, tasks []care.Task, now time.Time) string {
	shut := c.Shut(now)
	if len(shut) == 0 && len(tasks) == 0 {
		return "Nothing is open for this client now."
	}
	if len(shut) == 0 {
		first := slices.MinFunc(tasks, func(a, b care.Task) int { return a.Due.Compare(b.Due) })
		return upperFirst(first.Words) + ": the " + string(first.Role) + "’s move, due " + c.Zone.DayFrom(first.Due, now) + "."
	}
	g := shut[0]
	text := upperFirst(g.Reason)
	if g.MustAct != "" {
		text += ": the " + string(g.MustAct) + "’s move"
	}
	if i := slices.IndexFunc(tasks, func(t care.Task) bool { return t.Role == g.MustAct }); i >= 0 {
		text += ", due " + c.Zone.DayFrom(tasks[i].Due, now)
	}
	return text + "."
}

// upperFirst begins a text with a capital letter.
func upperFirst(text string) string {
	for i, r := range text {
		return string(unicode.ToUpper(r)) + text[i+len(string(r)):]
	}
	return text
}
