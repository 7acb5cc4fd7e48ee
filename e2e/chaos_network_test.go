package e2e_test

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"
)

// chaosNetwork, set to 1, makes the chaos drill disturb the network between worker, desk and servers and kill nothing.
const chaosNetwork = "KAPFLOW_CHAOS_NETWORK"

// networkFault is what happens to one link for a while.
type networkFault struct {
	link    string        // which server it leads to
	latency time.Duration // of everything, each way
	refuse  bool          // connections end, and no new ones are taken
	up      bool          // nothing reaches the server
	down    bool          // no answer of the server arrives
	drop    bool          // at the end, what did not arrive is lost with its connection
}

// networkFaults are what can happen to a link. A stall in one direction leaves the other side doing its work: Postgres commits
// what nobody hears of.
var networkFaults = map[chaosTarget]networkFault{
	"temporal-latency": {link: linkTemporal, latency: 300 * time.Millisecond}, "postgres-latency": {link: linkPostgres, latency: 300 * time.Millisecond},
	"temporal-cut": {link: linkTemporal, refuse: true}, "postgres-cut": {link: linkPostgres, refuse: true},
	"temporal-stalled-up": {link: linkTemporal, up: true}, "postgres-stalled-up": {link: linkPostgres, up: true},
	"temporal-stalled-down": {link: linkTemporal, down: true}, "postgres-stalled-down": {link: linkPostgres, down: true},
	"temporal-answers-lost": {link: linkTemporal, down: true, drop: true}, "postgres-answers-lost": {link: linkPostgres, down: true, drop: true},
	"temporal-partition": {link: linkTemporal, up: true, down: true, drop: true}, "postgres-partition": {link: linkPostgres, up: true, down: true, drop: true},
}

const (
	linkTemporal = "temporal"
	linkPostgres = "postgres"
)

func networkOnly() bool { return os.Getenv(chaosNetwork) == "1" }

// throughLinks has a house reach its servers through links of ours.
func (h *chaosHouse) throughLinks(t *testing.T) func(*wires) {
	return func(w *wires) {
		database, err := url.Parse(w.Database)
		must(t, err)
		h.links = map[string]*link{linkTemporal: newLink(t, w.Temporal), linkPostgres: newLink(t, database.Host)}
		database.Host = h.links[linkPostgres].address()
		w.Temporal, w.Database = h.links[linkTemporal].address(), database.String()
	}
}

// link is a TCP connection to a server that can be slow, cut, or stalled in one direction or both. What is stalled is kept,
// as TCP sends it again when the network is back.
type link struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	turn  *sync.Cond // fault changed
	fault networkFault
	conns map[net.Conn]bool
}

func newLink(t *testing.T, target string) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	l := &link{listener: listener, target: target, conns: map[net.Conn]bool{}}
	l.turn = sync.NewCond(&l.mu)
	go l.accept()
	t.Cleanup(func() {
		_ = listener.Close()
		l.set(networkFault{refuse: true})
	})
	return l
}

func (l *link) address() string { return l.listener.Addr().String() }

func (l *link) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		go l.connect(near)
	}
}

func (l *link) connect(near net.Conn) {
	far, err := net.DialTimeout("tcp", l.target, 5*time.Second)
	if err != nil {
		_ = near.Close()
		return
	}
	l.mu.Lock()
	refused := l.fault.refuse
	l.conns[near], l.conns[far] = true, true
	l.mu.Unlock()
	if refused {
		l.end(near, far)
		return
	}
	go l.pump(near, far, func(f networkFault) bool { return f.up })
	l.pump(far, near, func(f networkFault) bool { return f.down })
}

// pump carries bytes one way until a side closes.
func (l *link) pump(from, to net.Conn, stalled func(networkFault) bool) {
	defer l.end(from, to)
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			time.Sleep(l.pass(stalled)) // this is the latency
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// pass waits until the direction is not stalled, and gives its latency.
func (l *link) pass(stalled func(networkFault) bool) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	for stalled(l.fault) {
		l.turn.Wait()
	}
	return l.fault.latency
}

func (l *link) end(conns ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range conns {
		_ = c.Close() // the other direction may have closed it
		delete(l.conns, c)
	}
}

// set begins a fault. The zero fault ends one.
func (l *link) set(f networkFault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f.refuse || l.fault.drop {
		for c := range l.conns {
			_ = c.Close()
		}
	}
	l.fault = f
	l.turn.Broadcast()
}

// disturb lets a fault last for a while.
func (h *chaosHouse) disturb(f networkFault, lasts time.Duration) error {
	l := h.links[f.link]
	if l == nil {
		return fmt.Errorf("no link to %s", f.link)
	}
	l.set(f)
	time.Sleep(lasts) // this is the fault
	l.set(networkFault{})
	return nil
}

// A link does to bytes what its fault says, and nothing once that is over.
func TestLinkDisturbsAsItIsTold(t *testing.T) {
	t.Parallel()
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = echo.Close() })
	go func() {
		for {
			c, err := echo.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c) }()
		}
	}()
	for target, f := range networkFaults {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			l := newLink(t, echo.Addr().String())
			c := dialed(t, l)
			if !echoes(c, 5*time.Second) {
				t.Fatal("the link carries nothing while nothing is wrong")
			}
			l.set(f)
			if echoes(c, 200*time.Millisecond) {
				t.Error("the fault changes nothing")
			}
			l.set(networkFault{})
			if kept := !f.refuse && !f.drop; kept != arrives(c, 5*time.Second) {
				t.Errorf("what was sent during the fault arrives: %v", !kept)
			}
			if !echoes(dialed(t, l), 5*time.Second) {
				t.Error("a new connection carries nothing after the fault")
			}
		})
	}
}

func dialed(t *testing.T, l *link) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.address())
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func echoes(c net.Conn, within time.Duration) bool {
	if _, err := c.Write([]byte("x")); err != nil {
		return false
	}
	return arrives(c, within)
}

func arrives(c net.Conn, within time.Duration) bool {
	_ = c.SetReadDeadline(time.Now().Add(within))
	_, err := c.Read(make([]byte, 1))
	return err == nil
}
