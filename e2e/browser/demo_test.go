package browser_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kapflow/e2e/browser"
)

// demoLink is a line of the demo's: a role, and the link that signs its person in.
var demoLink = regexp.MustCompile(`^  (\w+) +(http://\S+/sign-in/demo/\S+)$`)

// demo runs the demo until the test ends, and gives its links by role.
func demo(t *testing.T) map[string]string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "starter")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", program, "kapflow/starter")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as the Makefile does, so that nothing is compiled twice
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), program, "demo")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // as Ctrl-C does: it removes what it made
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Wait() })
	links := map[string]string{}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Ctrl-C") {
		if m := demoLink.FindStringSubmatch(lines.Text()); m != nil {
			links[m[1]] = m[2]
		}
	}
	return links
}

// TestTheDemosLinksLeadToItsPracticeAtWork: in a browser with JavaScript, as whoever tries the demo has it, each link signs in, and what the
// demo says is there. It runs a demo of its own, so only with the long tests.
func TestTheDemosLinksLeadToItsPracticeAtWork(t *testing.T) {
	t.Parallel()
	if !long() {
		t.Skip("KAPFLOW_DRILL is not set; TestTheDemoPlaysAndShowsAPracticeAtWork follows the same links without a browser")
	}
	links := demo(t)
	s := onScreen(t, screenKind{name: "demo", width: 1280})
	for _, p := range []struct {
		role   string
		follow []string
		shows  []string
	}{
		{"coordinator", []string{"nav a:has-text('Inbox')", "main a:has-text('Sample Six')"}, []string{"Thursday after four would be better"}},
		{"psychotherapist", []string{"nav a:text-is('Board')", "a:text-is('Sample Six')", "a:text-is('Scores')"}, []string{"PHQ-9"}},
		{"physician", []string{"a:has-text('where it is your move')", "a:text-is('Sample Four')", "a:text-is('Review the labs')"}, []string{"Show what will happen"}},
		{"nurse", []string{"a:text-is('Infusion 1')"}, []string{"Running", "143/88"}},
		{"accountant", nil, []string{"$3,500.00"}},
		{"owner", []string{"a:has-text('Reports')"}, []string{"PHQ-9"}},
	} {
		s.Do("open", browser.Args{"width": 1280, "height": 900, "script": true})
		s.Do("goto", browser.Args{"url": links[p.role]})
		s.press("main button")
		s.look("landing-" + p.role)
		for _, link := range p.follow {
			s.press(link)
		}
		s.look(p.role, p.shows...)
	}
}
