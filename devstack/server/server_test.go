package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.temporal.io/server/common/dynamicconfig"
)

func TestParseOptionsRefuses(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"-ui-port -1 is not a port": {"-ui-port", "-1"},
		`-log-level "loud"`:         {"-log-level", "loud"},
		"-namespace":                {"-namespace", ""},
		"takes flags only":          {"start"},
	} {
		_, err := parseOptions(args, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v does not say %s", args, err, want)
		}
	}
}

func TestPortsAreDistinctAndBelowTheSystemsOwn(t *testing.T) {
	t.Parallel()
	p, err := choosePorts(Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, port := range []int{p.Frontend, p.HTTP, p.UI, p.history, p.matching, p.worker} {
		if seen[port] || port < lowestPort || port >= highestPort {
			t.Errorf("port %d in %+v", port, p)
		}
		seen[port] = true
	}
	if again, err := choosePorts(Options{Port: p.Frontend}); err != nil || again.Frontend != p.Frontend {
		t.Errorf("asked for %d, got %d, %v", p.Frontend, again.Frontend, err)
	}
}

func TestDynamicConfigOverTuning(t *testing.T) {
	t.Parallel()
	key := dynamicconfig.TransferProcessorMaxPollRPS.Key()
	given, err := dynamicConfig(Options{DynamicConfig: `{"history.transferProcessorMaxPollRPS": 7}`, TimeSkipping: true})
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range map[dynamicconfig.Key]any{
		key: 7,
		dynamicconfig.WorkflowTimeSkippingEnabled.Key():           true,
		dynamicconfig.TimerProcessorMaxPollRPS.Key():              2000,
		dynamicconfig.WorkflowTimeSkippingMaxSkipPerSession.Key(): maxSkips,
	} {
		if got := given.GetValue(k); len(got) != 1 || got[0].Value != want {
			t.Errorf("%s is %v, want %v", k, got, want)
		}
	}
	for want, text := range map[string]string{
		"unregistered key":  `{"no.key": 1}`,
		"validation failed": `{"history.transferProcessorMaxPollRPS": "many"}`,
		"not a JSON object": `[]`,
	} {
		if _, err := dynamicConfig(Options{DynamicConfig: text}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v does not say %s", text, err, want)
		}
	}
}

func TestAnnounceWritesWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "addresses.json")
	var out strings.Builder
	if err := announce(file, &out, Ports{Frontend: 1, HTTP: 2, UI: 3}, true); err != nil {
		t.Fatal(err)
	}
	const want = `{"grpc":"127.0.0.1:1","http":"127.0.0.1:2"}` + "\n"
	if b, err := os.ReadFile(file); err != nil || string(b) != want || out.String() != want {
		t.Errorf("file %q (%v), output %q, want %q", b, err, out.String(), want)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left in the directory: %v, %v", left, err)
	}
}
