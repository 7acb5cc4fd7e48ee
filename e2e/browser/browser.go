// Package browser drives a real Chromium for tests of the pages: as small as a phone, with JavaScript turned off unless a
// test asks for it.
package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// Browser is one test's visit to the Chromium that the tests of a package share. Its pages, cookies and passkeys are its own. Its methods end the
// test when they fail.
type Browser struct {
	t       testing.TB
	driver  *driver
	visitor int // the number that each command names
	answers chan []byte
}

// driver is the running program that drives Chromium, which ends when its input does.
type driver struct {
	in      io.Writer
	mu      sync.Mutex            // held while a command is written, and for answers
	answers map[int]chan<- []byte // where the answers of each visitor go, by its number
	ended   chan struct{}
}

// errNoBrowser says that this machine lacks what the tests of the pages need.
var errNoBrowser = errors.New("no Chromium, Node.js or playwright-core on this machine; `sh tools/setup.sh` fetches them")

// theDriver starts Chromium for the tests of a package, once.
var theDriver = sync.OnceValues(func() (*driver, error) {
	tools, err := filepath.Abs("../../tools/browser") // from the directory of the test, which is one of e2e
	if err != nil {
		return nil, err
	}
	chromium := ""
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	node, err := exec.LookPath("node")
	if _, packages := os.Stat(filepath.Join(tools, "node_modules", "playwright-core")); chromium == "" || err != nil || packages != nil {
		return nil, errNoBrowser
	}
	cmd := exec.CommandContext(context.Background(), node, filepath.Join(tools, "drive.js"), chromium)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	d := &driver{in: in, answers: map[int]chan<- []byte{}, ended: make(chan struct{})}
	go d.listen(out)
	return d, nil
})

// listen hands each answer to the visitor that waits for it.
func (d *driver) listen(out io.Reader) {
	defer close(d.ended)
	for lines := bufio.NewReaderSize(out, 1<<20); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var to struct{ To int }
		if json.Unmarshal(line, &to) != nil {
			return
		}
		d.mu.Lock()
		answers := d.answers[to.To]
		d.mu.Unlock()
		answers <- line
	}
}

// Start gives a test the browser. Without Chromium, or without what drives it, the test is skipped and says so; in CI it fails.
func Start(t testing.TB) *Browser {
	t.Helper()
	d, err := theDriver()
	if errors.Is(err, errNoBrowser) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	must(t, err)
	d.mu.Lock()
	defer d.mu.Unlock()
	b := &Browser{t: t, driver: d, visitor: len(d.answers) + 1, answers: make(chan []byte, 1)}
	d.answers[b.visitor] = b.answers
	t.Cleanup(func() { b.Do("leave", nil) })
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Args are a command's fields, as tools/browser/drive.js names them.
type Args map[string]any

// Answer is what a command gave.
type Answer struct {
	Error      string   `json:"error"`
	Status     int      `json:"status"`
	Text       string   `json:"text"`
	Name       string   `json:"name"`
	Width      int      `json:"width"`
	Keys       int      `json:"keys"`   // how many were pressed
	Footer     bool     `json:"footer"` // the crisis text is in sight
	Small      []string `json:"small"`
	Squeezed   []string `json:"squeezed"` // texts of which each line has room for a letter or two
	Outside    []string `json:"outside"`  // texts that stick out of the box around them
	Violations []string `json:"violations"`
}

// Do carries a command out.
func (b *Browser) Do(name string, args Args) Answer {
	b.t.Helper()
	fields := Args{"do": name, "from": b.visitor}
	maps.Copy(fields, args)
	line, err := json.Marshal(fields)
	must(b.t, err)
	b.driver.mu.Lock()
	_, err = b.driver.in.Write(append(line, '\n'))
	b.driver.mu.Unlock()
	must(b.t, err)
	var a Answer
	select {
	case reply := <-b.answers:
		must(b.t, json.Unmarshal(reply, &a))
	case <-b.driver.ended:
		b.t.Fatalf("%s %v: the browser's driver ended", name, args)
	}
	if a.Error != "" {
		b.t.Fatalf("%s %v: %s", name, args, a.Error)
	}
	return a
}

// PasskeyButton is the button of the sign-in's pages that uses a passkey, or makes one.
const PasskeyButton = "[data-passkey]"

// Passkey gives a page that was opened with JavaScript a device with passkeys, and adds a passkey on it behind an invitation's link, by
// keyboard. looked is called when the invitation is shown. From there on JavaScript is off.
func (b *Browser) Passkey(link string, looked func()) {
	b.t.Helper()
	b.Do("authenticator", nil)
	b.Do("goto", Args{"url": link})
	looked()
	b.Do("enter", Args{"selector": PasskeyButton})
	b.Do("scripts", Args{"on": false})
}

// Confirm signs in with the page's passkey, on a page of the sign-in, by keyboard. JavaScript is on for that alone.
func (b *Browser) Confirm() {
	b.t.Helper()
	b.Do("scripts", Args{"on": true})
	b.Do("enter", Args{"selector": PasskeyButton})
	b.Do("scripts", Args{"on": false})
}
