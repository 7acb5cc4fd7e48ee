package page

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"kapflow/care"
	"kapflow/care/message"
)

//go:embed templates/*.html
var templateFiles embed.FS

// templates are all pages with their frame, parsed once.
var templates = parseTemplates()

func parseTemplates() map[string]*template.Template {
	frame := template.Must(template.New("frame.html").Funcs(template.FuncMap{
		"form": func(f frameData, action string) formData {
			return formData{Path: f.Path + "/" + action, Once: newForm()}
		},
		"tel": func(phone string) template.URL { return template.URL("tel:" + digits(phone)) }, //nolint:gosec // digits only
	}).ParseFS(templateFiles, "templates/frame.html"))
	entries, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic("page: embedded files are always there: " + err.Error())
	}
	out := map[string]*template.Template{}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".html")
		if name != "frame" {
			out[name] = template.Must(template.Must(frame.Clone()).ParseFS(templateFiles, "templates/"+e.Name()))
		}
	}
	return out
}

// frameData is what every template gets: the practice's words around the page, and the page's own Data.
type frameData struct {
	Title  string
	Name   string // the practice's neutral name
	Phone  string
	Crisis template.HTML // the practice's own words, with the numbers in them to tap
	Lines  []crisisLine  // the numbers in them, for buttons
	Path   string        // the link's own address; empty if there is no page to go back to
	Inside bool          // the second factor was given
	Sub    bool          // not the link's first page
	Data   any
}

type formData struct{ Path, Once string }

// said is the data of the template "said": one message and a link back.
type said struct {
	Words string
	Back  bool
}

func (s *Site) write(w http.ResponseWriter, status int, v *Visitor, c Content) {
	p := s.Practice.Practice
	f := frameData{Title: c.Title, Name: p.DisplayName, Phone: p.Phone, Crisis: tappable(p.CrisisText), Lines: crisisLines(p.CrisisText), Data: c.Data}
	if v != nil {
		f.Path, f.Inside, f.Sub = "/"+v.Token, c.Template != "door", c.Template == "messages" || c.Template == "said"
	}
	var out bytes.Buffer
	if err := templates[c.Template].Execute(&out, f); err != nil {
		s.Log.Error("a client's page could not be made", "template", c.Template, "error", err)
		http.Error(w, "Something went wrong. Please call "+p.Phone+".", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // a write error means that the browser is gone
}

// say shows the outcome of a form with a link back.
func (s *Site) say(w http.ResponseWriter, status int, v *Visitor, o Outcome) {
	s.write(w, status, v, Content{Title: o.Title, Template: "said", Data: said{Words: o.Words, Back: !o.Spent}})
}

// gone is the answer to every link that cannot be opened, whatever the reason.
func (s *Site) gone(w http.ResponseWriter) {
	s.write(w, http.StatusNotFound, nil, Content{Title: "This link is closed", Template: "said",
		Data: said{Words: "It may have been used already, or there is a newer message. Please look for a newer message from us, or call us."}})
}

// errLocked says that the second factor of a link was wrong too often.
var errLocked = errors.New("the link is locked")

// locked says that a link was answered wrongly too often. A coordinator has an item about it.
func (s *Site) locked(w http.ResponseWriter) {
	s.write(w, http.StatusForbidden, nil, Content{Title: "This link is locked", Template: "said",
		Data: said{Words: "The answer was wrong too often, so this link does not open any more. Please call us. We know about it and will help you."}})
}

// lockedForDay says that no link of a client opens for now. A coordinator has an item about it.
func (s *Site) lockedForDay(w http.ResponseWriter) {
	s.write(w, http.StatusForbidden, nil, Content{Title: "This link is locked", Template: "said",
		Data: said{Words: "The answer was wrong too often, so this link does not open today. Please call us. We know about it and will help you."}})
}

// answerFault answers an error. It tells the browser nothing about the reason.
func (s *Site) answerFault(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errLocked) {
		s.locked(w)
		return
	}
	if errors.Is(err, message.ErrLocked) {
		s.lockedForDay(w)
		return
	}
	if errors.Is(err, message.ErrNoLink) || errors.Is(err, care.ErrNoClient) {
		s.gone(w)
		return
	}
	s.Log.ErrorContext(r.Context(), "a client's page failed", "error", err)
	s.write(w, http.StatusServiceUnavailable, nil, Content{Title: "Please try again later", Template: "said",
		Data: said{Words: "We could not do that right now. Please try again in a few minutes, or call us."}})
}
