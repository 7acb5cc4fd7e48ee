package devstack

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// progress tells a person about slow steps. Temporal and PostgreSQL start in parallel and share it, so that their lines
// do not mix.
type progress struct {
	mu       sync.Mutex
	out      io.Writer
	terminal bool
}

// newProgress writes to out, or nowhere if out is nil.
func newProgress(out io.Writer) *progress {
	switch w := out.(type) {
	case nil:
		return &progress{out: io.Discard}
	case *progress:
		return w
	case *os.File:
		info, err := w.Stat()
		return &progress{out: w, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
	default:
		return &progress{out: w}
	}
}

// Write makes progress an io.Writer, so that it can be passed on in an option.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

// during runs work. If it takes a while, it reports how long it has been running: on a terminal in one line that
// counts, elsewhere with a line now and then.
func (p *progress) during(what string, work func() error) error {
	every, format, end := 30*time.Second, "%s %s\n", ""
	if p.terminal {
		every, format, end = time.Second, "\r%s %s ", "\n"
	}
	began := time.Now()
	tell := func() {
		fmt.Fprintf(p, format, what, time.Since(began).Round(time.Second))
	}
	tell()
	done := make(chan error, 1)
	go func() { done <- work() }()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			tell()
			_, _ = io.WriteString(p, end)
			return err
		case <-tick.C:
			tell()
		}
	}
}
