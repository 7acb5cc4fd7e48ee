package staff

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"kapflow/care"
)

// background are the routes that a page's script asks by itself. None of them extends the session, whatever the request says.
var background = map[string]bool{"POST /draft": true, streamPattern: true}

// streamPattern is the route of the stream, which lasts longer than a page.
const streamPattern = "GET /live"

// livePages are the pages that their script fetches again when something changed. Forms are none of them.
var livePages = map[string]bool{
	"GET /today": true, "GET /inbox": true, "GET /board": true, "GET /calendar/{week}": true, "GET /money": true, "GET /c/{client}": true,
	"GET /c/{client}/messages": true, "GET /c/{client}/money": true, "GET /c/{client}/infusion/{visit}": true, "GET /c/{client}/visits/{visit}": true,
}

const (
	mostStreams  = 4                // of one person: each browser has one for all its windows
	bellAsks     = time.Second      // between two looks at the records, while somebody listens
	streamChecks = 15 * time.Second // between two looks at the session of a stream
	streamWrites = 10 * time.Second // how long a browser may take to read
)

// live tells a browser that something changed. It sends a number and nothing else: each page then asks for itself what its reader may
// see. The stream ends with the session and does not extend it. Whoever asks for no stream gets the number once.
func live(v *visitor) error {
	if !strings.Contains(v.r.Header.Get("Accept"), "text/event-stream") {
		_, err := fmt.Fprintln(v.w, v.site.bell.now())
		return err
	}
	rings, leave, ok := v.site.bell.listen(v.who.ID(), v.site.Desk.Changes)
	if !ok {
		return care.Refuse("live", care.CodeWrongState, fmt.Sprintf("There are %d streams of yours already. Close the console in another browser.", mostStreams), "")
	}
	defer leave()
	answer := http.NewResponseController(v.w)
	write := func(text string) bool {
		_ = answer.SetWriteDeadline(time.Now().Add(streamWrites)) // a server without deadlines has none to move
		_, err := fmt.Fprint(v.w, text)
		return err == nil && answer.Flush() == nil
	}
	_ = answer.SetReadDeadline(time.Time{})
	v.w.Header().Set("Content-Type", "text/event-stream")
	if !write("retry: 2000\n\n") {
		return nil
	}
	checks := time.NewTicker(cmp.Or(v.site.StreamChecks, streamChecks))
	defer checks.Stop()
	for {
		text := ": open\n\n"
		select {
		case <-v.r.Context().Done():
			return nil
		case number, open := <-rings:
			if !open {
				return nil
			}
			text = fmt.Sprintf("data: %d\n\n", number)
		case <-checks.C:
			session, ok, err := v.site.Sessions.Session(v.r)
			if err != nil {
				return nil //nolint:nilerr // the browser notices that the stream ended, and asks again
			}
			if !ok || session.ID != v.who.ID() {
				write("event: end\ndata:\n\n")
				return nil
			}
		}
		if !write(text) {
			return nil
		}
	}
}

// EndStreams ends every stream, so that the web server can stop. Browsers connect again by themselves.
func (s *Site) EndStreams() { s.bell.end() }

// bell tells everybody who listens that something changed. While somebody does, it alone asks the records, once a second. The zero
// value is ready.
type bell struct {
	mu        sync.Mutex
	number    int64
	listeners map[chan int64]string // person
	stop      func()                // asking; nil: nobody listens
}

// now gives the number of the last change that was noticed.
func (b *bell) now() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.number
}

// listen gives the numbers of changes from now on. One that is not read in time is replaced by the next. The channel is closed when
// the records cannot be asked. ok is false if the person has too many streams.
func (b *bell) listen(person string, mark func(context.Context) (string, error)) (rings <-chan int64, leave func(), ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	streams := 0
	for _, p := range b.listeners {
		if p == person {
			streams++
		}
	}
	if streams >= mostStreams {
		return nil, nil, false
	}
	if b.listeners == nil {
		b.listeners = map[chan int64]string{}
	}
	ring := make(chan int64, 1)
	b.listeners[ring] = person
	if b.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		b.stop = stop
		go b.ask(ctx, mark)
	}
	return ring, func() { b.leave(ring) }, true
}

// leave forgets a listener. With the last one the asking ends.
func (b *bell) leave(ring chan int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.listeners, ring)
	if len(b.listeners) == 0 && b.stop != nil {
		b.stop()
		b.stop = nil
	}
}

// end sends every listener away.
func (b *bell) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ring := range b.listeners {
		close(ring)
	}
	b.listeners = nil
	if b.stop != nil {
		b.stop()
		b.stop = nil
	}
}

// ask asks the records until it is stopped.
func (b *bell) ask(ctx context.Context, mark func(context.Context) (string, error)) {
	each := time.NewTicker(bellAsks)
	defer each.Stop()
	last := ""
	for {
		found, err := mark(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			b.end()
			return
		case last != "" && found != last:
			b.ring()
		}
		last = found
		select {
		case <-ctx.Done():
			return
		case <-each.C:
		}
	}
}

// ring tells everybody. Nobody is waited for.
func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.number++
	for ring := range b.listeners {
		select {
		case <-ring:
		default:
		}
		ring <- b.number
	}
}
