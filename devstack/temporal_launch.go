package devstack

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// errPortTaken means that a server could not start because a port is in use.
var errPortTaken = errors.New("port taken")

// addresses is the line that the server prints once it answers.
type addresses struct {
	GRPC string `json:"grpc"`
	HTTP string `json:"http"`
	UI   string `json:"ui"`
}

// launch starts the server's process and waits until it answers. It keeps given addresses. The server chooses the
// others.
func (t *Temporal) launch(ctx context.Context, keep addresses) (*temporalRun, addresses, error) {
	args, err := t.arguments(keep)
	if err != nil {
		return nil, addresses{}, err
	}
	stdin, alive, err := os.Pipe()
	if err != nil {
		return nil, addresses{}, err
	}
	announced, stdout, err := os.Pipe()
	if err != nil {
		return nil, addresses{}, errors.Join(err, stdin.Close(), alive.Close())
	}
	defer func() { _ = announced.Close() }()

	cmd := exec.Command(t.binary, args...)
	cmd.Dir = t.dir.path
	cmd.Stdin, cmd.Stdout = stdin, stdout
	if t.store != nil {
		cmd.Env = append(os.Environ(), "KAPFLOW_TEMPORAL_POSTGRES="+t.store.URL) // every user can read a command line
	}
	c, err := startChild(t.dir, "temporal", cmd, syscall.SIGKILL)
	// These ends belong to the child. If we held them too, its death would not
	// close its output.
	err = errors.Join(err, stdin.Close(), stdout.Close())
	if c == nil {
		return nil, addresses{}, errors.Join(err, alive.Close())
	}
	run := &temporalRun{child: c, alive: alive}
	where, ready := addresses{}, err
	if ready == nil {
		where, ready = awaitAddresses(ctx, c, announced)
	}
	if ready != nil {
		return nil, addresses{}, errors.Join(ready, run.kill())
	}
	return run, where, nil
}

// arguments is the server's command line. It contains the run directory, by which a sweep recognizes the process.
func (t *Temporal) arguments(keep addresses) ([]string, error) {
	uiPort := t.opts.UIPort
	if keep.UI != "" {
		uiPort = portOf(strings.TrimPrefix(keep.UI, "http://"))
	}
	args := []string{
		"-exit-on-stdin-eof",
		"-addr-file", t.dir.file("addresses.json"),
		"-port", strconv.Itoa(portOf(keep.GRPC)),
		"-http-port", strconv.Itoa(portOf(keep.HTTP)),
		"-ui-port", strconv.Itoa(uiPort),
	}
	text := func(flag, value string) {
		if value != "" {
			args = append(args, flag, value)
		}
	}
	if t.store == nil {
		text("-db", t.opts.Database)
	}
	text("-namespace", t.opts.Namespace)
	text("-codec-endpoint", t.opts.CodecEndpoint)
	text("-log-level", t.opts.LogLevel)
	if t.opts.TimeSkipping {
		args = append(args, "-time-skipping")
	}
	if t.opts.Headless {
		args = append(args, "-headless")
	}
	if len(t.opts.DynamicConfig) > 0 {
		object, err := json.Marshal(t.opts.DynamicConfig)
		if err != nil {
			return nil, fmt.Errorf("dynamic configuration of the Temporal server: %w", err)
		}
		text("-dynamic-config", string(object))
	}
	return args, nil
}

// awaitAddresses reads the line that the server prints once it answers.
func awaitAddresses(ctx context.Context, c *child, from io.Reader) (addresses, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout,
		fmt.Errorf("no answer within %s", startTimeout))
	defer cancel()
	lines := make(chan []byte, 1)
	go func() {
		// After an error the line is cut short and is not JSON.
		line, _ := bufio.NewReader(from).ReadBytes('\n')
		lines <- line
	}()
	select {
	case <-ctx.Done():
		return addresses{}, fmt.Errorf("start the Temporal server: %w\n%s", context.Cause(ctx), lastLines(c.output(), 15))
	case line := <-lines:
		var where addresses
		if err := json.Unmarshal(line, &where); err == nil && where.GRPC != "" {
			return where, nil
		}
	}
	// It closed its output without a line, so it is ending.
	if err := c.finish(ctx); err != nil {
		return addresses{}, startFailure("the Temporal server", c, err)
	}
	return addresses{}, startFailure("the Temporal server", c, c.failure())
}

// startFailure explains why a server ended while starting, and marks a port in use, so that other ports can be tried.
func startFailure(what string, c *child, err error) error {
	if saysPortTaken(c.output()) {
		return fmt.Errorf("start %s: %w: %w", what, errPortTaken, err)
	}
	return fmt.Errorf("start %s: %w", what, err)
}

// closeOnce closes what may already be closed.
func closeOnce(c io.Closer) error {
	if err := c.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
