package page

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-chi/httprate"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/values"
	"kapflow/care/wording"
	"kapflow/desk"
)

// Links looks up and unlocks the links in messages.
type Links interface {
	// Link gives the link of a token. It fails with message.ErrNoLink if there is none.
	Link(ctx context.Context, token string) (message.Link, error)
	// UnlockLink checks a second factor. An empty pass means that it was wrong; wrong tries are counted.
	UnlockLink(ctx context.Context, token string, given message.SecondFactor, now time.Time) (pass string, err error)
	// NoteNoFactor puts on the coordinator's list that a client has nothing to verify their identity with.
	NoteNoFactor(ctx context.Context, l message.Link, now time.Time) error
	// LinkPass reports whether a browser's pass opens a link, and renews the pass.
	LinkPass(ctx context.Context, token, pass string, now time.Time) (bool, error)
	// EndLinkPasses ends all passes of a link, and if spent the link too.
	EndLinkPasses(ctx context.Context, token string, spent bool) error
}

// Records reads what pages show.
type Records interface {
	Chart(ctx context.Context, clientID string) (*care.Chart, error)
	Contact(ctx context.Context, clientID string) (person.Contact, error)
	// IssuedDocuments gives the documents that the client was given, unchanged.
	IssuedDocuments(ctx context.Context, clientID string) ([]care.IssuedDocument, error)
	// Reveal gives the private text behind one of a client's references; found is false if that client has no such text.
	Reveal(ctx context.Context, clientID, ref string) (text string, found bool, err error)
	Audit(ctx context.Context, by person.Actor, action, subject string, detail json.RawMessage) error
}

// Desk records what clients do on their pages.
type Desk interface {
	Record(ctx context.Context, cmd desk.Command) (desk.Answer, error)
}

// Texts gives the practice's own texts for clients. The names in vars are those in the files.
type Texts interface {
	Page(name string, vars map[string]string) (wording.PageText, error)
}

// Codes sends the second factor.
type Codes interface {
	// SendCode sends a new code to a link's client, by the channel that the link did not come by. It fails with ErrNoCode if none can be sent.
	SendCode(ctx context.Context, token string, l message.Link, now time.Time) error
}

// ErrNoCode means that no code can be sent: enough were sent today, the client may not be sent messages, or the
// provider refused it.
var ErrNoCode = errors.New("no code can be sent")

// Site serves the clients' pages. It is a part of the console.
type Site struct {
	Links    Links
	Records  Records
	Desk     Desk
	Codes    Codes
	Texts    Texts
	Practice policy.Policy // current name, phone and crisis text
	Now      func() time.Time
	Log      *slog.Logger
	// AddressHeader is the header in which the practice's own proxy writes a browser's address. Empty means no proxy.
	AddressHeader string

	codes *httprate.RateLimiter // set by Mount
}

//go:embed assets/client.css
var assets embed.FS

// Mount adds the pages to the console's mux. Links are as short as possible, so this part serves every path that no
// other part uses.
func (s *Site) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /assets/client.css", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		http.ServeFileFS(w, r, assets, "assets/client.css")
	})
	s.codes = codesInTime()
	mux.Handle("/", s.limited(http.HandlerFunc(s.serve)))
}

// Page is what a link shows once the second factor was given.
type Page struct {
	Show    func(ctx context.Context, v *Visitor) (Content, error)
	Actions map[string]Action
}

// Action is what a form does.
type Action func(ctx context.Context, v *Visitor, form url.Values) (Outcome, error)

// Content is a template of templates/ with its data.
type Content struct {
	Title    string
	Template string // file name without .html
	Data     any
}

// Outcome is what a client reads after an action.
type Outcome struct {
	Title string
	Words string
	Spent bool // true to close the link for good
	// Page is shown in place of Words. With Wrong it is the form again, with the client's input and its faults.
	Page  *Content
	Wrong bool
}

// pages gives the page for every purpose.
func (s *Site) pages() map[message.LinkPurpose]Page {
	return map[message.LinkPurpose]Page{
		message.LinkVisit: visitPage(), message.LinkInstructions: instructionsPage(), message.LinkAftercare: aftercarePage(), message.LinkFees: feesPage(),
		message.LinkCheckIn: checkInPage(), message.LinkAnswer: answerPage(),
	}
}

// Visitor is the holder of a link who gave the second factor.
type Visitor struct {
	Link  message.Link
	Chart *care.Chart
	Now   time.Time
	Token string

	site *Site
	form string // id of the submitted form
}

// Record reports a fact by the client. A form sent twice is one fact.
func (v *Visitor) Record(ctx context.Context, fact string, with any) error {
	return v.recordAs(ctx, "", fact, with)
}

// recordAs is Record for a form that reports several facts of one kind. Part tells them apart.
func (v *Visitor) recordAs(ctx context.Context, part, fact string, with any) error {
	body, err := json.Marshal(with)
	if err != nil {
		return err
	}
	_, err = v.site.Desk.Record(ctx, desk.Command{ClientID: v.Link.ClientID, Fact: fact, ID: v.form + part + fact, With: body, By: v.person()})
	return err
}

// person is the client whose link was opened.
func (v *Visitor) person() access.Person { return access.FromLink(v.Link.ClientID) }

// address splits a path: /TOKEN, or /TOKEN/what.
func address(path string) (token, what string, ok bool) {
	token, what, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if len(token) != tokenLength || strings.Trim(token, tokenLetters) != "" || strings.Contains(what, "/") {
		return "", "", false
	}
	return token, what, true
}

// A token is 43 letters and digits: 256 random bits.
const (
	tokenLength  = 43
	tokenLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

const mostBody = 16 << 10 // largest form, in bytes

// serve handles a request in the three steps of the package comment.
func (s *Site) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostBody)
	token, what, ok := address(r.URL.Path)
	if !ok {
		s.gone(w)
		return
	}
	v, open, err := s.visitor(r, token)
	switch {
	case err != nil:
		s.answerFault(w, r, err)
	case r.Method == http.MethodPost && what == "":
		s.unlock(w, r, v)
	case r.Method == http.MethodPost && what == "code":
		s.sendCode(w, r, v)
	case !open:
		s.door(w, r, v, "")
	case r.Method == http.MethodPost:
		s.act(w, r, v, what)
	default:
		s.show(w, r, v, what)
	}
}

// visitor looks up a token. Open reports whether this browser gave the second factor.
func (s *Site) visitor(r *http.Request, token string) (v *Visitor, open bool, err error) {
	ctx, now := r.Context(), s.Now()
	link, err := s.Links.Link(ctx, token)
	if err != nil {
		return nil, false, err
	}
	chart, err := s.Records.Chart(ctx, link.ClientID)
	if err != nil {
		return nil, false, err
	}
	if link.TriesLeft <= 0 && now.Before(link.ExpiresAt) {
		return nil, false, errLocked
	}
	if !chart.Honours(link, now) {
		return nil, false, message.ErrNoLink
	}
	if cookie, err := r.Cookie(passCookie); err == nil {
		if open, err = s.Links.LinkPass(ctx, token, cookie.Value, now); err != nil {
			return nil, false, err
		}
	}
	if !open && link.UsesLeft <= 0 {
		return nil, false, message.ErrNoLink
	}
	return &Visitor{Link: link, Chart: chart, Now: now, Token: token, site: s}, open, nil
}

// show answers a GET after the second factor.
func (s *Site) show(w http.ResponseWriter, r *http.Request, v *Visitor, what string) {
	if err := s.audit(r.Context(), v, "page-read", what); err != nil {
		s.answerFault(w, r, err)
		return
	}
	switch what {
	case "":
		s.showPage(w, r, v, s.pages()[v.Link.Purpose])
	case "messages":
		s.showPage(w, r, v, messagesPage())
	case "visit.ics":
		s.calendar(w, r, v)
	case "estimate.pdf":
		s.estimate(w, r, v)
	default:
		s.gone(w)
	}
}

func (s *Site) showPage(w http.ResponseWriter, r *http.Request, v *Visitor, p Page) {
	if p.Show == nil {
		s.gone(w)
		return
	}
	content, err := p.Show(r.Context(), v)
	if err != nil {
		s.answerFault(w, r, err)
		return
	}
	s.write(w, http.StatusOK, v, content)
}

// act runs a form's action and shows its outcome.
func (s *Site) act(w http.ResponseWriter, r *http.Request, v *Visitor, what string) {
	ctx := r.Context()
	if err := r.ParseForm(); err != nil {
		s.say(w, http.StatusBadRequest, v, Outcome{Title: "Something went wrong", Words: "Please go back and try again."})
		return
	}
	if what == "leave" {
		s.leave(w, r, v)
		return
	}
	actions := s.pages()[v.Link.Purpose].Actions
	if action, ok := messagesPage().Actions[what]; ok {
		actions = map[string]Action{what: action}
	}
	action, ok := actions[what]
	if !ok {
		s.gone(w)
		return
	}
	for _, typed := range r.PostForm {
		for i := range typed {
			typed[i] = values.Clean(typed[i])
		}
	}
	v.form = formID(r.PostForm.Get("once"))
	outcome, err := action(ctx, v, r.PostForm)
	var refused *care.Refusal
	if errors.As(err, &refused) {
		s.Log.Info("a client's action was refused", "client", v.Link.ClientID, "action", what, "code", refused.Code)
		s.say(w, http.StatusConflict, v, Outcome{Title: "We could not do that here", Words: "Please call us, and we will help you."})
		return
	}
	if err != nil {
		s.answerFault(w, r, err)
		return
	}
	if outcome.Page != nil {
		status := http.StatusOK
		if outcome.Wrong {
			status = http.StatusUnprocessableEntity
		}
		s.write(w, status, v, *outcome.Page)
		return
	}
	if outcome.Spent {
		if err := s.Links.EndLinkPasses(ctx, v.Token, true); err != nil {
			s.answerFault(w, r, err)
			return
		}
	}
	s.say(w, http.StatusOK, v, outcome)
}

func (s *Site) audit(ctx context.Context, v *Visitor, action, what string) error {
	body, err := json.Marshal(map[string]string{"purpose": string(v.Link.Purpose), "about": v.Link.About, "page": what})
	if err != nil {
		return err
	}
	return s.Records.Audit(ctx, v.person().Actor(), action, v.Link.ClientID, body)
}
