package devstack_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"kapflow/devstack"
)

func startTemporal(t *testing.T, opts devstack.TemporalOptions) *devstack.Temporal {
	t.Helper()
	opts.Out = t.Output()
	temporal, err := devstack.StartTemporal(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopped(t, temporal) })
	return temporal
}

func dial(t *testing.T, address string) client.Client {
	t.Helper()
	c, err := client.DialContext(t.Context(), client.Options{HostPort: address, Logger: log.NewStructuredLogger(quiet)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func healthy(t *testing.T, temporal *devstack.Temporal) {
	t.Helper()
	if _, err := dial(t, temporal.Address).CheckHealth(t.Context(), &client.CheckHealthRequest{}); err != nil {
		t.Error(err)
	}
}

func TestTemporalServesUntilStopped(t *testing.T) {
	t.Parallel()
	temporal := startTemporal(t, devstack.TemporalOptions{
		CodecEndpoint: "http://127.0.0.1:1/codec",
		TimeSkipping:  true,
		DynamicConfig: map[string]any{"limit.blobSize.warn": 1024},
	})
	pid := temporal.PID()
	healthy(t, temporal)

	if got := get(t, temporal.UI+"/namespaces/default/workflows"); !strings.Contains(got, "<html") {
		t.Errorf("the UI's page is %q", got)
	}
	settings := get(t, temporal.UI+"/api/v1/settings")
	for _, want := range []string{`"Endpoint":"http://127.0.0.1:1/codec"`, `"DisableWriteActions":true`, `"DisableNewsFetch":true`} {
		if !strings.Contains(settings, want) {
			t.Errorf("the UI's settings lack %s: %s", want, settings)
		}
	}
	if got := get(t, "http://"+temporal.HTTPAddress+"/api/v1/namespaces/default"); !strings.Contains(got, `"name":"default"`) {
		t.Errorf("the HTTP API answers %q", got)
	}
	if err := temporal.Restart(t.Context()); err == nil {
		t.Error("a server in memory can be restarted, and loses everything")
	}

	stopped(t, temporal)
	gone(t, pid)
	if conn, err := net.Dial("tcp", temporal.Address); err == nil {
		_ = conn.Close()
		t.Error("a stopped server takes connections")
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestTemporalKeepsWorkflowsWhenKilled(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "temporal.db")
	temporal := startTemporal(t, devstack.TemporalOptions{Database: file})
	run, err := dial(t, temporal.Address).ExecuteWorkflow(t.Context(),
		client.StartWorkflowOptions{ID: "kept", TaskQueue: "nobody"}, "Anything")
	if err != nil {
		t.Fatal(err)
	}
	before, pid := *temporalAddresses(temporal), temporal.PID()

	if err := temporal.Kill(); err != nil {
		t.Fatal(err)
	}
	gone(t, pid)
	if err := temporal.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := *temporalAddresses(temporal); after != before {
		t.Errorf("addresses were %v and are %v", before, after)
	}
	found, err := dial(t, temporal.Address).DescribeWorkflowExecution(t.Context(), "kept", run.GetRunID())
	if err != nil {
		t.Fatal(err)
	}
	if got := found.GetWorkflowExecutionInfo().GetStatus(); got != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		t.Errorf("the workflow is %s", got)
	}

	stopped(t, temporal)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("database file: %v, %v; want it left, for its owner only", info, err)
	}
}

func temporalAddresses(temporal *devstack.Temporal) *[3]string {
	return &[3]string{temporal.Address, temporal.HTTPAddress, temporal.UI}
}

func TestTemporalWithoutUI(t *testing.T) {
	t.Parallel()
	temporal := startTemporal(t, devstack.TemporalOptions{Headless: true})
	healthy(t, temporal)
	if temporal.UI != "" {
		t.Errorf("UI is at %s", temporal.UI)
	}
}

func TestTemporalGivenByAddress(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	temporal := startTemporal(t, devstack.TemporalOptions{Address: l.Addr().String()})
	if temporal.Address != l.Addr().String() || temporal.PID() != 0 {
		t.Errorf("got %s, process %d", temporal.Address, temporal.PID())
	}
	if temporal.Kill() == nil || temporal.Restart(t.Context()) == nil {
		t.Error("a server that was not started here can be killed or restarted")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := devstack.StartTemporal(t.Context(), devstack.TemporalOptions{Address: l.Addr().String()}); err == nil ||
		!strings.Contains(err.Error(), "TEMPORAL_ADDRESS") {
		t.Errorf("error %v does not name TEMPORAL_ADDRESS", err)
	}
}

func TestTemporalSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	for want, opts := range map[string]devstack.TemporalOptions{
		"address already in use":    {UIPort: l.Addr().(*net.TCPAddr).Port},
		`unregistered key "no.key"`: {DynamicConfig: map[string]any{"no.key": 1}},
	} {
		temporal, err := devstack.StartTemporal(t.Context(), opts)
		if err == nil {
			stopped(t, temporal)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %s", err, want)
		}
	}
}

// A server on PostgreSQL keeps its workflows when it is killed, as one on a file does.
func TestTemporalOnPostgresKeepsItsWorkflows(t *testing.T) {
	t.Parallel()
	temporal := startTemporal(t, devstack.TemporalOptions{Headless: true, Postgres: true, TimeSkipping: true})
	c := dial(t, temporal.Address)
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "kept", TaskQueue: "nobody"}, "Nothing")
	if err != nil {
		t.Fatal(err)
	}
	if err := temporal.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := temporal.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	described, err := c.DescribeWorkflowExecution(t.Context(), "kept", "")
	if err != nil {
		t.Fatal(err)
	}
	if got := described.GetWorkflowExecutionInfo().GetExecution().GetRunId(); got != run.GetRunID() {
		t.Errorf("run %s became %s", run.GetRunID(), got)
	}
}
