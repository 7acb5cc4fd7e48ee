package staff

import (
	"bytes"
	"cmp"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/care/values"
	"kapflow/care/wording"
)

// visitor is somebody who is signed in and asks for a page.
type visitor struct {
	site  *Site
	w     http.ResponseWriter
	r     *http.Request
	route route
	who   access.Person
	now   time.Time
}

// page is a template of templates/ with its data.
type page struct {
	Title    string // never a client's name: it stands in the browser's history
	Template string // file name without .html
	Data     any
	Zone     clock.Zone // of its times; the zero value: the practice's
}

// said is a page of words.
type said struct {
	Words   string
	MustAct person.Role
}

// frame is what stands around every page.
type frame struct {
	page
	Practice string
	Person   string // as the practice file has it
	Place    place
	Places   []navigation
	Waiting  int  // how many decisions wait in the inbox
	MayFind  bool // the search box is shown
	Live     bool // its script fetches it again when something changed
	Content  template.HTML
}

// navigation is one place of the navigation.
type navigation struct {
	Place place
	Href  string
	Label string
}

// navigations are the five places, with the roles that see each; empty: everybody.
var navigations = []struct {
	navigation
	roles []person.Role
}{
	{navigation{placeToday, "/today", "Today"}, access.RuleOf(access.ReadDay).Roles},
	{navigation{placeBoard, "/board", "Board"}, access.RuleOf(access.ReadBoard).Roles},
	{navigation{placeCalendar, "/calendar", "Calendar"}, access.RuleOf(access.ReadCalendar).Roles},
	{navigation{placeInbox, "/inbox", "Inbox"}, access.RuleOf(access.ReadInbox).Roles},
	{navigation{placeMoney, "/money", "Money"}, access.RuleOf(access.ReadMoney).Roles},
}

//go:embed templates/*.html
var templateFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"title": wording.Title, "account": accountWords, "inc": func(n int) int { return n + 1 }, "clock": clockTime, "neg": func(c money.Cents) money.Cents { return -c }, "upper": upperFirst, "dollars": func(c money.Cents) string { return c.String() }, "join": strings.Join,
	"birthDay": birthDay, "phone": values.SayPhone,
	"say": func(z clock.Zone, t time.Time) string { return z.SayLong(t) }, "day": func(z clock.Zone, t time.Time) string { return z.DayLong(t) },
	"left": left, "tone": stateTone, "stateWords": record.StateWords,
	"longDay": func(z clock.Zone, t time.Time) string { return z.Local(t).Format("Monday, January 2, 2006") }, "machine": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"who": whoIs, "beside": roleBeside, "short": shortTime,
	"named": func(names map[string]string, id string) string { return cmp.Or(names[id], id) },
	"roles": func(r []person.Role) string { return wording.JoinWords(r, "and") },
}).ParseFS(templateFiles, "templates/*.html"))

// show answers with a page.
func (v *visitor) show(p page) error {
	v.write(http.StatusOK, p)
	return nil
}

// write answers with a page and a status.
func (v *visitor) write(status int, p page) { v.site.answer(v.w, status, v.frame(status, p)) }

// frame puts what stands around every page around a page.
func (v *visitor) frame(status int, p page) frame {
	f := frame{page: p, Practice: v.site.Desk.Policy.Practice.DisplayName, Person: v.name(), Place: v.route.place,
		Waiting: v.site.waiting.count(v), MayFind: v.may(access.Find), Live: status == http.StatusOK && livePages[v.route.pattern]}
	if f.Zone.Name == "" {
		f.Zone = v.site.Desk.Zone
	}
	for _, n := range navigations {
		if len(n.roles) == 0 || slices.ContainsFunc(v.who.Roles(), func(r person.Role) bool { return slices.Contains(n.roles, r) }) {
			f.Places = append(f.Places, n.navigation)
		}
	}
	return f
}

// answer writes a page in its frame. One that cannot be made is answered as a failure before anything is sent.
func (s *Site) answer(w http.ResponseWriter, status int, f frame) {
	made, err := f.render()
	if err != nil {
		s.Log.Error("a page of the staff console could not be written", "page", f.Template, "error", err)
		http.Error(w, "Something failed here. Please try again.", http.StatusInternalServerError)
		return
	}
	send(w, status, made)
}

// send sends a page that was made.
func send(w http.ResponseWriter, status int, made []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(made) // a write error means that the browser is gone
}

// buffers are those in which pages were made before.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render gives the HTML of a page in its frame.
func (f frame) render() ([]byte, error) {
	content, whole := buffers.Get().(*bytes.Buffer), buffers.Get().(*bytes.Buffer)
	defer func() {
		for _, b := range []*bytes.Buffer{content, whole} {
			b.Reset()
			buffers.Put(b)
		}
	}()
	if err := templates.ExecuteTemplate(content, f.Template+".html", f.Data); err != nil {
		return nil, err
	}
	f.Content = template.HTML(content.String()) //nolint:gosec // made by a template just now
	if err := templates.ExecuteTemplate(whole, "frame.html", f); err != nil {
		return nil, err
	}
	return bytes.Clone(whole.Bytes()), nil
}

// name is the person's name in the practice file.
func (v *visitor) name() string {
	if m, ok := v.site.Desk.Policy.Member(v.who.ID()); ok && m.Name != "" {
		return m.Name
	}
	return v.who.ID()
}

// seeOther leads to another page after something was done.
func (v *visitor) seeOther(path string) error {
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// chartNow is the time at which to look at a chart: now, or the chart's own time if that is ahead, as in a demo.
func (v *visitor) chartNow(c *care.Chart) time.Time {
	if v.now.After(c.Published.At) {
		return v.now
	}
	return c.Published.At
}

// shortTime says a time as briefly as the day on which it is read allows.
func shortTime(z clock.Zone, t, on time.Time) string {
	if z.SameDay(t, on) {
		return z.Local(t).Format("3:04 PM")
	}
	if z.Local(t).Year() != z.Local(on).Year() {
		return z.SayFrom(t, on)
	}
	return z.Local(t).Format("Mon 3:04 PM")
}

func queryEscape(text string) string { return url.QueryEscape(text) }

// birthDay writes a date of birth with its month in letters. What is no date stays as it is.
func birthDay(date string) string {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return at.Format("January 2, 2006")
}
