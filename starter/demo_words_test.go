package main

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"kapflow/care"
)

// walkPages goes through every page that links lead to from one on, and sends each form empty. What people read names visits,
// replies and facts as people do. Only what stands in a code element is meant for programs.
func walkPages(v demoVisitor, from string) {
	w := walker{demoVisitor: v, seen: map[string]bool{}, said: map[string]string{}}
	w.walk(from)
	for name, where := range w.said {
		v.t.Errorf("%s says %q", where, name)
	}
	if len(w.seen) < 10 {
		v.t.Errorf("it comes to %d pages only", len(w.seen))
	}
}

// walker follows every link of the demo that leads to another page.
type walker struct {
	demoVisitor
	seen map[string]bool
	said map[string]string // internal names, and where each was said first
}

var (
	unseenParts = regexp.MustCompile(`(?s)<(script|style|code|template|datalist)\b.*?</(script|style|code|template|datalist)>`)
	pageLinks   = regexp.MustCompile(`href="(/[^"#]*)"`)
	factForms   = regexp.MustCompile(`<form method="post" novalidate action="(/[^"]+)"`)
	numberedIDs = regexp.MustCompile(`\b[a-z]+(-[a-z]+)*-[0-9]+\b`)
	settings    = regexp.MustCompile(`\b[a-z]+(_[a-z]+)+\b`)
	givenNames  = regexp.MustCompile(`^(client|demo|sample|altered-state|consent|estimate)-`) // of clients, policies and papers: somebody chose them
)

// walk looks at each page once. Of addresses that differ in their query alone it looks at one.
func (w *walker) walk(from string) {
	for todo := []string{from}; len(todo) > 0; todo = todo[1:] {
		path, _, _ := strings.Cut(html.UnescapeString(todo[0]), "?")
		if w.seen[path] || strings.HasPrefix(path, "/assets/") || strings.HasPrefix(path, "/calendar/") && len(w.seen) > 40 || path == "/live" {
			continue
		}
		w.seen[path] = true
		body := w.ask(http.MethodGet, path, nil)
		w.read(path, body)
		for _, m := range factForms.FindAllStringSubmatch(body, -1) {
			w.read("POST "+path, w.ask(http.MethodPost, m[1], url.Values{"_do": {"preview"}}))
		}
		for _, m := range pageLinks.FindAllStringSubmatch(body, -1) {
			todo = append(todo, m[1])
		}
	}
}

// ask gives the page at a path of the demo, whatever its status; nothing if it is no page.
func (w *walker) ask(method, path string, form url.Values) string {
	w.t.Helper()
	to, err := w.at.Parse(path)
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, to.String(), strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := w.http.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= http.StatusInternalServerError {
		w.t.Fatalf("%s: %d, %v", path, res.StatusCode, err)
	}
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		return ""
	}
	return string(body)
}

// read notes what a page says that is meant for programs.
func (w *walker) read(where, page string) {
	text := html.UnescapeString(tags.ReplaceAllString(unseenParts.ReplaceAllString(page, " "), " "))
	for _, id := range numberedIDs.FindAllString(text, -1) {
		if !givenNames.MatchString(id) {
			w.note(id, where)
		}
	}
	for _, name := range settings.FindAllString(text, -1) {
		w.note(name, where)
	}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') }) {
		if slices.Contains(internalNames, word) {
			w.note(word, where)
		}
	}
}

func (w *walker) note(name, where string) {
	if w.said[name] == "" {
		w.said[name] = where
	}
}

// internalNames are the names of facts and gates that are no English words.
var internalNames = slices.DeleteFunc(append(care.GateCodes(), factNames()...), func(name string) bool {
	return !strings.Contains(name, "-") || name == care.GateFollowUp
})

func factNames() (out []string) {
	for _, k := range care.Vocabulary() {
		out = append(out, k.Name)
	}
	return out
}
