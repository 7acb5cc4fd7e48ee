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

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/values"
	"kapflow/care/wording"
	"kapflow/desk"
)

// Links keeps what stands behind tokens.
type Links interface {
	// Link fails with care.ErrNoLink when nothing stands behind a token.
	Link(ctx context.Context, token string) (message.Link, error)
	// UnlockLink tries a second factor: an empty pass says that it was wrong, which the link remembers.
	UnlockLink(ctx context.Context, token string, given message.SecondFactor, now time.Time) (pass string, err error)
	// LinkPass says whether a browser's pass opens a link, and renews it.
	LinkPass(ctx context.Context, token, pass string, now time.Time) (bool, error)
	// EndLinkPasses ends all passes of a link, and with spent the link.
	EndLinkPasses(ctx context.Context, token string, spent bool) error
}

// Records reads what pages show.
type Records interface {
	Chart(ctx context.Context, clientID string) (*care.Chart, error)
	Contact(ctx context.Context, clientID string) (person.Contact, error)
	// Papers gives what the client was handed, as it was.
	IssuedDocuments(ctx context.Context, clientID string) ([]care.IssuedDocument, error)
	Audit(ctx context.Context, by person.Actor, action, subject string, detail json.RawMessage) error
}

// Desk takes in what clients do on their pages.
type Desk interface {
	Record(ctx context.Context, cmd desk.Command) (desk.Answer, error)
}

// Texts gives what the practice tells clients in words of its own; vars are named as in the files.
type Texts interface {
	Page(name string, vars map[string]string) (wording.PageText, error)
}

// Codes sends the second factor by text message.
type Codes interface {
	// SendCode sends a fresh code to the holder of a link. ErrNoCode says that none can be sent, now or ever.
	SendCode(ctx context.Context, token string, l message.Link, now time.Time) error
}

// ErrNoCode says that no code can be sent: enough were sent today, the client may not be written to, or the provider
// does not take it.
var ErrNoCode = errors.New("no code can be sent")

// Site serves the clients' pages. It is a part of the console.
type Site struct {
	Links    Links
	Records  Records
	Desk     Desk
	Codes    Codes
	Texts    Texts
	Practice policy.Policy // names, telephone and crisis text as they are today
	Now      func() time.Time
	Log      *slog.Logger
	// AddressHeader is the header in which the practice's own proxy writes a browser's address; empty: there is no proxy.
	AddressHeader string
}

//go:embed assets/client.css
var assets embed.FS

// Mount adds the pages to the console's mux. Links are as short as can be, so they take what no other part takes.
func (s *Site) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /assets/client.css", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		http.ServeFileFS(w, r, assets, "assets/client.css")
	})
	mux.Handle("/", s.limited(http.HandlerFunc(s.serve)))
}

// Page is what a link's purpose opens once the second factor was given.
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
	Spent bool // the link has done what it was for and cannot be opened again
	// Page is shown in place of Words. With Wrong it is the form again, with what was typed and what is wrong with it.
	Page  *Content
	Wrong bool
}

// pages gives the page of every purpose.
func (s *Site) pages() map[message.LinkPurpose]Page {
	return map[message.LinkPurpose]Page{
		message.LinkVisit: visitPage(), message.LinkInstructions: instructionsPage(), message.LinkAftercare: aftercarePage(), message.LinkFees: feesPage(),
		message.LinkCheckIn: checkInPage(),
	}
}

// Visitor is the holder of a link who gave the second factor.
type Visitor struct {
	Link  message.Link
	Chart *care.Chart
	Now   time.Time
	Token string

	site *Site
	form string // id of the form that was sent
}

// Record reports a fact by the client. The same form sent twice is one fact.
func (v *Visitor) Record(ctx context.Context, fact string, with any) error {
	return v.recordAs(ctx, "", fact, with)
}

// recordAs is Record for a form that reports several facts of one kind: part tells them apart.
func (v *Visitor) recordAs(ctx context.Context, part, fact string, with any) error {
	body, err := json.Marshal(with)
	if err != nil {
		return err
	}
	_, err = v.site.Desk.Record(ctx, desk.Command{ClientID: v.Link.ClientID, Fact: fact, ID: v.form + part + fact, With: body, By: v.actor()})
	return err
}

func (v *Visitor) actor() person.Actor { return person.Actor{ID: v.Link.ClientID, Role: person.Client} }

// address takes a path apart: /TOKEN, or /TOKEN/what.
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

const mostBody = 16 << 10 // bytes of a form

// serve takes a request through the three steps of the package comment.
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

// visitor looks a token up. open says that this browser gave the second factor.
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

// show answers a GET of somebody who gave the second factor.
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

// act does what a form asks for and says what came of it.
func (s *Site) act(w http.ResponseWriter, r *http.Request, v *Visitor, what string) {
	ctx := r.Context()
	if err := r.ParseForm(); err != nil {
		s.say(w, http.StatusBadRequest, v, Outcome{Title: "That did not arrive whole", Words: "Please go back and try once more."})
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
		s.say(w, http.StatusConflict, v, Outcome{Title: "We could not do that here", Words: "Please call us, and we will sort it out with you."})
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
	return s.Records.Audit(ctx, v.actor(), action, v.Link.ClientID, body)
}
