package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"kapflow/bench/sample"
	"kapflow/care/person"
	"kapflow/config"
	"kapflow/console/signin"
	"kapflow/desk"
	"kapflow/devstack"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/store"
	"kapflow/worker/wiring"
)

// pages says how the staff console's pages are measured.
type pages struct {
	Which   []string      // their names
	Clients int           // of the practice
	Logs    int           // one client in so many has facts and a journal
	Readers int           // at once
	Pause   time.Duration // between the beginnings of two looks of one reader
	Looks   int           // of each reader at each page
	InPlace bool          // on the template itself and not on a copy
}

const (
	pageAim     = 50 * time.Millisecond
	pageBareAim = 3.0
)

// runPages measures pages on a copy of a practice of sample clients, which it makes if the server has none.
func runPages(ctx context.Context, out io.Writer, p pages) (err error) {
	server, err := devstack.StartPostgres(ctx, devstack.PostgresOptions{Out: os.Stderr, URL: os.Getenv("DATABASE_URL"), Unsafe: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop(context.WithoutCancel(ctx))) }()
	t, err := sample.EnsureTemplate(ctx, server, sample.Options{Clients: p.Clients, Logs: p.Logs, Now: sample.Now(time.Now())})
	if err != nil {
		return err
	}
	url, drop, err := p.copyOf(ctx, server, t.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	if err := store.Migrate(ctx, url); err != nil { // the template may be of an earlier build
		return err
	}
	fmt.Fprintf(out, "The staff console with %d clients", p.Clients)
	if t.Took > 0 {
		fmt.Fprintf(out, ", written in %.0f s", t.Took.Seconds())
	}
	fmt.Fprintf(out, ", %.0f bytes for each; %d readers, each of whom looks every %s\n", float64(t.Bytes)/float64(p.Clients), p.Readers, p.Pause)
	fmt.Fprintf(out, "  aim: p99 %s and %.0f × bare SQL; bare fetches the page's rows, audited writes the look's audit row too\n", pageAim, pageBareAim)
	return p.measure(ctx, out, url, t.Now)
}

// copyOf copies the template for this run.
func (p pages) copyOf(ctx context.Context, server *devstack.Postgres, template string) (url string, drop func() error, err error) {
	if p.InPlace {
		return sample.URL(server, template), func() error { return nil }, nil
	}
	const name = "kapflow_pages"
	if err := server.DropDatabase(ctx, name); err != nil {
		return "", nil, err
	}
	url, err = server.NewDatabase(ctx, name, template)
	return url, func() error { return server.DropDatabase(context.WithoutCancel(ctx), name) }, err
}

func (p pages) measure(ctx context.Context, out io.Writer, url string, now time.Time) error {
	records, err := sample.Open(ctx, url)
	if err != nil {
		return err
	}
	defer records.Close()
	house, err := openHouse(ctx, records, now)
	if err != nil {
		return err
	}
	bare, err := openBareReads(ctx, url, now)
	if err != nil {
		return err
	}
	defer bare.pool.Close()
	for _, page := range p.measured(bare) {
		var sizes sync.Mutex
		var size int // of the longest page
		ask := func(ctx context.Context, n int) error {
			body, err := house.ask(ctx, page.path(n), n)
			sizes.Lock()
			defer sizes.Unlock()
			size = max(size, len(body))
			return err
		}
		if err := ask(ctx, 0); err != nil { // templates, connections, keys
			return err
		}
		kinds := []*looks{{name: page.name, look: ask}}
		if page.bare != nil {
			kinds = append(kinds,
				&looks{name: "bare", look: func(ctx context.Context, n int) error { return page.bare(ctx, n, false) }},
				&looks{name: "audited", look: func(ctx context.Context, n int) error { return page.bare(ctx, n, true) }})
		}
		if err := p.takeTurns(ctx, kinds); err != nil {
			return err
		}
		for i, l := range kinds {
			fmt.Fprintf(out, "  %-7s %s", l.name, l)
			if i == 0 {
				fmt.Fprintf(out, "  %6d bytes\n", size)
				continue
			}
			fmt.Fprintf(out, "  ratio at p50 %.1f, at p99 %.1f\n", kinds[0].over(l, 50), kinds[0].over(l, 99))
		}
	}
	return nil
}

// measuredPage is a page and the bare reads beside it; nil: there are none.
type measuredPage struct {
	name string
	path func(n int) string // of one look after the other
	bare func(ctx context.Context, n int, audited bool) error
}

// choose reads the names of pages, with commas between them.
func (p *pages) choose(names string) error {
	p.Which = strings.Split(names, ",")
	if known := p.measured(nil); len(known) != len(p.Which) {
		return fmt.Errorf("%q names %d known pages; write Board, Today, Client, Find or Reports, each once", names, len(known))
	}
	return nil
}

// measured gives the pages to measure.
func (p pages) measured(bare *bareReads) (chosen []measuredPage) {
	known := max(1, p.Clients/max(1, p.Logs))
	client := func(n int) string { return sample.ID(n * 7919 % known * p.Logs) }
	for _, page := range []measuredPage{
		{"Board", func(int) string { return "/board" }, func(ctx context.Context, _ int, audited bool) error { return bare.board(ctx, audited) }},
		{"Today", func(int) string { return "/today" }, func(ctx context.Context, _ int, audited bool) error { return bare.today(ctx, audited) }},
		{"Client", func(n int) string { return "/c/" + client(n) }, func(ctx context.Context, n int, audited bool) error { return bare.client(ctx, client(n), audited) }},
		{"Find", func(n int) string { return "find " + sample.Contact(n*7919%p.Clients).PreferredName }, nil},
		{"Reports", func(int) string { return "/reports" }, nil},
	} {
		if slices.Contains(p.Which, page.name) {
			chosen = append(chosen, page)
		}
	}
	return chosen
}

// looks are one way to fetch what a page shows, and how long it took.
type looks struct {
	name  string
	look  func(ctx context.Context, n int) error
	times []time.Duration // shortest first
	cpu   time.Duration   // of this process, for all
}

func (l *looks) at(percent int) time.Duration {
	return l.times[min(len(l.times)-1, len(l.times)*percent/100)]
}

func (l *looks) over(other *looks, percent int) float64 {
	return float64(l.at(percent)) / float64(other.at(percent))
}

func (l *looks) String() string {
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return fmt.Sprintf("p50 %7.1f ms  p95 %7.1f ms  p99 %7.1f ms, of them %5.2f ms of this process",
		ms(l.at(50)), ms(l.at(95)), ms(l.at(99)), ms(l.cpu)/float64(len(l.times)))
}

// spent is the processor time that this process has used. Unlike the time that a page takes, it hardly depends on what else the machine
// does.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// turn is the number of looks of each reader, one after the other, before the next kind of looks has its turn.
const turn = 5

// takeTurns has all readers look in each way. The ways take turns, and another one begins each time: what is read from the disk for the
// first time, and a disk that is slow for a while, then meet all of them alike.
func (p pages) takeTurns(ctx context.Context, kinds []*looks) error {
	for from := 0; from < p.Looks; from += turn {
		for i := range kinds {
			if err := p.read(ctx, kinds[(i+from/turn)%len(kinds)], from, min(from+turn, p.Looks)); err != nil {
				return err
			}
		}
	}
	for _, l := range kinds {
		slices.Sort(l.times)
	}
	return nil
}

// read has all readers take some of their looks, in their own time.
func (p pages) read(ctx context.Context, l *looks, from, to int) error {
	cpu := spent()
	times, errs := make([]time.Duration, p.Readers*(to-from)), make([]error, p.Readers)
	var all sync.WaitGroup
	began := time.Now()
	for reader := range p.Readers {
		all.Go(func() {
			for i := range to - from {
				at := began.Add(p.Pause * time.Duration(i)).Add(p.Pause * time.Duration(reader) / time.Duration(p.Readers))
				time.Sleep(time.Until(at))
				start := time.Now()
				if errs[reader] = l.look(ctx, reader*p.Looks+from+i); errs[reader] != nil {
					return
				}
				times[reader*(to-from)+i] = time.Since(start)
			}
		})
	}
	all.Wait()
	l.times, l.cpu = append(l.times, times...), l.cpu+spent()-cpu
	return errors.Join(errs...)
}

// house is the staff console with readers who are signed in.
type house struct {
	handler http.Handler
	readers [][]*http.Cookie
}

const pagesURL = "http://localhost:8234"

// openHouse opens the console and signs two people in.
func openHouse(ctx context.Context, records *store.Store, now time.Time) (*house, error) {
	prac, err := practice.Sample(now)
	if err != nil {
		return nil, err
	}
	app := &wiring.App{Practice: prac, Store: records, Log: slog.New(slog.DiscardHandler)}
	app.Desk = &desk.Desk{Store: records, Policy: prac.Policy, Zone: prac.Zone, Now: func() time.Time { return now }}
	signIn, err := signin.ForDemo(app.SignInOptions(config.Settings{ConsoleURL: pagesURL, ConsoleListen: "127.0.0.1:8234"}))
	if err != nil {
		return nil, err
	}
	h := &house{}
	h.handler, _ = app.StaffConsole(signIn, engine.NewCodec(keyring.New()), "")
	for _, role := range []person.Role{person.Coordinator, person.Physician} {
		link, err := signIn.DemoLink(ctx, prac.Policy.FirstHolding(role))
		if err != nil {
			return nil, err
		}
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, strings.TrimPrefix(link, pagesURL), nil))
		h.readers = append(h.readers, w.Result().Cookies()) //nolint:bodyclose // a recorder's
	}
	return h, nil
}

// ask gets a page, or searches for the words after "find ", and gives the page as it was sent.
func (h *house) ask(ctx context.Context, path string, n int) (string, error) {
	var r *http.Request
	if words, search := strings.CutPrefix(path, "find "); !search {
		r = httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	} else {
		r = httptest.NewRequestWithContext(ctx, http.MethodPost, "/find", strings.NewReader("for="+strings.ReplaceAll(words, " ", "+")))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, c := range h.readers[n%len(h.readers)] {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK && w.Code != http.StatusSeeOther || w.Header().Get("Location") != "" && !strings.HasPrefix(w.Header().Get("Location"), "/c/") {
		return "", fmt.Errorf("%s: %d, to %q", path, w.Code, w.Header().Get("Location"))
	}
	return w.Body.String(), nil
}
