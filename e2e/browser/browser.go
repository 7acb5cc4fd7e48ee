// Package browser drives a real Chromium for tests of the pages: as small as a phone, with JavaScript turned off unless a
// test asks for it.
package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// longest is how long one browser may run: a page that hangs must not hang the tests.
const longest = 20 * time.Minute

// Browser is one running Chromium. Its methods end the test when they fail.
type Browser struct {
	t   testing.TB
	in  io.WriteCloser
	out *bufio.Reader
}

// Start starts a Chromium of its own for a test. Without one, or without what drives it, the test is skipped and says so;
// in CI it fails.
func Start(t testing.TB) *Browser {
	t.Helper()
	tools, err := filepath.Abs("../../tools/browser") // from the directory of the test, which is one of e2e
	must(t, err)
	chromium := ""
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	node, err := exec.LookPath("node")
	if _, driver := os.Stat(filepath.Join(tools, "node_modules", "playwright-core")); chromium == "" || err != nil || driver != nil {
		const why = "no Chromium, Node.js or playwright-core on this machine; `sh tools/setup.sh` fetches them"
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), longest)
	cmd := exec.CommandContext(ctx, node, filepath.Join(tools, "drive.js"), chromium)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // it ends by itself when there is nothing more to read
		cancel()
	})
	return &Browser{t: t, in: in, out: bufio.NewReaderSize(out, 1<<20)}
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
	fields := Args{"do": name}
	for k, v := range args {
		fields[k] = v
	}
	line, err := json.Marshal(fields)
	must(b.t, err)
	_, err = b.in.Write(append(line, '\n'))
	must(b.t, err)
	reply, err := b.out.ReadBytes('\n')
	must(b.t, err)
	var a Answer
	must(b.t, json.Unmarshal(reply, &a))
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
