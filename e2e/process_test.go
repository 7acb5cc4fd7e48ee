package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"kapflow/engine"
)

// workerVariable makes this test binary a worker process; it holds the wires as JSON.
const workerVariable = "KAPFLOW_E2E_WORKER"

const working = "working"

// workAsProcess is the worker process: it works until SIGTERM, or until whoever started it is gone.
func workAsProcess(text string) int {
	var w wires
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	if w.Reseal {
		return resealAsProcess(ctx, w)
	}
	h, leave, err := w.open(ctx, os.Stderr, func() time.Time { return time.Now().UTC() })
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer leave()
	h.Clock = func(asked time.Time) time.Time { return asked.Add(w.Ahead) }
	options := engine.WorkerOptions(deployment+w.Queue, w.Build)
	if w.Reports != "" {
		options.Interceptors = append(options.Interceptors, &providersReport{address: w.Reports})
	}
	workers := h.Workers(options)
	if err := workers.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(working)
	<-ctx.Done()
	workers.Stop()
	return 0
}

// process is a worker that can be killed.
type process struct {
	cmd   *exec.Cmd
	alive io.Closer
	ended chan error
}

// hire starts a worker process and returns once it works.
func (h *house) hire(t *testing.T, choices ...func(*wires)) *process {
	t.Helper()
	p, err := h.startProcess(choices...)
	must(t, err)
	t.Cleanup(func() { _ = p.kill() })
	return p
}

func (h *house) startProcess(choices ...func(*wires)) (*process, error) {
	w := h.wires
	for _, choose := range choices {
		choose(&w)
	}
	text, err := json.Marshal(w)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), workerVariable+"="+string(text))
	cmd.Stderr = &h.log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	p := &process{cmd: cmd, alive: stdin, ended: make(chan error, 1)}
	go func() { p.ended <- cmd.Wait() }()
	if line != working+"\n" {
		return nil, errors.Join(fmt.Errorf("the worker process did not start: %w\n%s", err, h.log.Bytes()), p.kill())
	}
	return p, nil
}

// kill ends the process as a power cut would.
func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	err := <-p.ended
	p.ended <- err
	_ = p.alive.Close() // the process's end may have closed it
	return nil
}

// dismiss asks the process to end, and waits until it finished what it was doing.
func (p *process) dismiss() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := <-p.ended
	p.ended <- err
	return err
}
