package main

import (
	"bufio"
	"context"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// demoVisitor is the browser of one of the demo's sample people.
type demoVisitor struct {
	t    *testing.T
	http http.Client
	at   *url.URL
	page string
}

var tags = regexp.MustCompile(`<[^>]*>`)

// text is what the page says.
func (v *demoVisitor) text() string { return tags.ReplaceAllString(v.page, "") }

// open shows an address, by GET or by POST.
func (v *demoVisitor) open(method, address string) {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	res, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: %d, %v\n%s", res.Request.URL.Path, res.StatusCode, err, body)
	}
	v.at, v.page = res.Request.URL, html.UnescapeString(string(body))
}

var anchors = regexp.MustCompile(`(?s)<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>`)

// follow follows the first link with these words.
func (v *demoVisitor) follow(words string) {
	v.t.Helper()
	for _, a := range anchors.FindAllStringSubmatch(v.page, -1) {
		if strings.Contains(a[2], words) {
			to, err := v.at.Parse(a[1])
			if err != nil {
				v.t.Fatal(err)
			}
			v.open(http.MethodGet, to.String())
			return
		}
	}
	v.t.Fatalf("%s has no link %q:\n%s", v.at.Path, words, v.page)
}

// printedLink is a line of the demo's: a role, and its link.
var printedLink = regexp.MustCompile(`^  (\w+) +(http://\S+/sign-in/demo/\S+)$`)

// TestTheDemoPlaysAndShowsAPracticeAtWork: each link that the demo prints signs its person in on the page where their work begins, and what the
// demo tells them to do is there.
func TestTheDemoPlaysAndShowsAPracticeAtWork(t *testing.T) {
	t.Parallel()
	links := startDemo(t)
	for role, way := range map[string]struct {
		lands   string
		follow  []string
		shows   []string
		without string
	}{
		"coordinator":     {"/today", []string{"Inbox", "Sample Six"}, []string{"Thursday after four would be better", "Move"}, ""},
		"psychotherapist": {"/today", []string{"Board", "Sample Six", "Scores"}, []string{"PHQ-9", "9 Mild"}, ""},
		"physician":       {"/inbox", []string{"where it is your move", "Sample Four", "Review the labs"}, []string{"Show what will happen"}, ""},
		"nurse":           {"/today", []string{"Infusion 1"}, []string{"Running", "143/88", "latest 1:18 PM"}, "$"},
		"accountant":      {"/money", nil, []string{"$3,500.00", "client-"}, "Sample Four"},
		"owner":           {"/practice", []string{"Reports"}, []string{"PHQ-9"}, "Sample Four"},
	} {
		t.Run(role, func(t *testing.T) {
			jar, err := cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			v := demoVisitor{t: t, http: http.Client{Jar: jar}}
			v.open(http.MethodGet, links[role])
			v.open(http.MethodPost, links[role])
			if v.at.Path != way.lands {
				t.Errorf("it lands on %s", v.at.Path)
			}
			for _, words := range way.follow {
				v.follow(words)
			}
			for _, words := range way.shows {
				if !strings.Contains(v.text(), words) {
					t.Errorf("%s lacks %q:\n%s", v.at.Path, words, v.text())
				}
			}
			if way.without != "" && strings.Contains(v.text(), way.without) {
				t.Errorf("%s says %q", v.at.Path, way.without)
			}
			walkPages(v, way.lands)
		})
	}
}

// startDemo runs the demo until the test ends, and gives the link that it prints for each role. Only one runs in a process: other
// commands find it by the id of its process.
func startDemo(t *testing.T) map[string]string {
	t.Helper()
	read, write := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() {
		code := run(ctx, []string{"demo"}, write, t.Output())
		_ = write.Close()
		ended <- code
	}()
	links := map[string]string{}
	var said []string
	lines := bufio.NewScanner(read)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Ctrl-C") {
		said = append(said, lines.Text())
		if m := printedLink.FindStringSubmatch(lines.Text()); m != nil {
			links[m[1]] = m[2]
		}
	}
	t.Cleanup(func() {
		stop()
		_, _ = io.Copy(io.Discard, read)
		if code := <-ended; code != 0 {
			t.Errorf("the demo ends with %d", code)
		}
	})
	if len(links) != len(stations) {
		t.Fatalf("it prints links for %d roles:\n%s", len(links), strings.Join(said[max(0, len(said)-40):], "\n"))
	}
	for _, want := range []string{"Enrolling 3 from clients.csv", "The board", "What clients owe", "Messages sent", "At the practice it is Mon"} {
		if !slices.ContainsFunc(said, func(l string) bool { return strings.Contains(l, want) }) {
			t.Errorf("the demo does not say %q", want)
		}
	}
	return links
}
