package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopGrace is how long a child may take to end in order.
const stopGrace = 10 * time.Second

// child is a process that ends at the latest with this one.
type child struct {
	cmd    *exec.Cmd
	log    string        // file with its output
	since  int64         // offset in the log at which this run begins
	exited chan struct{} // closed once the process has ended and was waited for
	result error         // how it ended; read after exited
}

// startChild starts cmd with its output going to <name>.log in dir. It writes its process number to <name>.pid, for the
// sweep of dir after our death.
//
// The child gets its own process group. Ctrl-C in a terminal reaches every process of the foreground group, and we must
// stop ours in order. On Linux the system sends it onOurDeath when we die.
func startChild(dir *runDir, name string, cmd *exec.Cmd, onOurDeath syscall.Signal) (*child, error) {
	logFile, err := os.OpenFile(dir.file(name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = logFile.Close() }()
	info, err := logFile.Stat()
	if err != nil {
		return nil, err
	}
	if cmd.Stdout == nil {
		cmd.Stdout = logFile
	}
	cmd.Stderr = logFile
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	dieWithParent(cmd.SysProcAttr, onOurDeath)

	c := &child{cmd: cmd, log: logFile.Name(), since: info.Size(), exited: make(chan struct{})}
	if err := c.run(); err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	pidFile := dir.file(name + ".pid")
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(c.pid())), 0o600); err != nil {
		return nil, errors.Join(err, c.kill())
	}
	return c, nil
}

// run starts the process and waits for it on one thread that is kept until the end. The system takes the end of the
// thread that started a child for the death of its parent, and Go may end threads at any time.
func (c *child) run() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.cmd.Start()
		started <- err
		if err == nil {
			c.result = c.cmd.Wait()
			close(c.exited)
		}
	}()
	return <-started
}

func (c *child) pid() int { return c.cmd.Process.Pid }

func (c *child) running() bool {
	select {
	case <-c.exited:
		return false
	default:
		return true
	}
}

// stop asks the child to end by signal, and kills it if it does not end in time or ctx ends. It ignores how the child
// ended.
func (c *child) stop(ctx context.Context, signal syscall.Signal) error {
	if !c.running() {
		return nil
	}
	if err := c.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return errors.Join(fmt.Errorf("stop %s: %w", c.cmd.Path, err), c.kill())
	}
	select {
	case <-c.exited:
		return nil
	case <-ctx.Done():
	case <-time.After(stopGrace):
	}
	return c.kill()
}

// kill ends the child and its process group at once, and waits for the end.
func (c *child) kill() error {
	if !c.running() {
		return nil
	}
	// The group's leader was not waited for yet, so its number is not reused.
	err := syscall.Kill(-c.pid(), syscall.SIGKILL)
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill %s: %w", c.cmd.Path, err)
	}
	<-c.exited
	return nil
}

// finish waits for a child that is expected to end by itself. If ctx ends first, it kills the child.
func (c *child) finish(ctx context.Context) error {
	select {
	case <-c.exited:
	case <-ctx.Done():
		return errors.Join(ctx.Err(), c.kill())
	}
	if c.result != nil {
		return c.failure()
	}
	return nil
}

// failure describes the unexpected end of a child.
func (c *child) failure() error {
	state := "ended unexpectedly"
	if c.result != nil {
		state = c.result.Error()
	}
	return fmt.Errorf("%s: %s\n%s", filepath.Base(c.cmd.Path), state, lastLines(c.output(), 15))
}

// output is what the child has written to its log in this run.
func (c *child) output() string {
	b, err := os.ReadFile(c.log)
	if err != nil || int64(len(b)) < c.since {
		return ""
	}
	return string(b[c.since:])
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
