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

	"github.com/jackc/pgx/v5"
)

// initialise makes an empty data directory.
func (p *Postgres) initialise(ctx context.Context) error {
	// Made here, because the server's account may not create it.
	if err := os.Mkdir(p.DataDir, 0o700); err != nil {
		return err
	}
	// The password is passed in a file, because every user can read a command line.
	secret := p.dir.file("password")
	if err := os.WriteFile(secret, []byte(p.password), 0o600); err != nil {
		return err
	}
	defer func() { _ = os.Remove(secret) }()
	if err := errors.Join(p.account.own(p.DataDir), p.account.own(secret)); err != nil {
		return err
	}
	cmd := p.command(p.programs.initdb,
		"-D", p.DataDir,
		"--username="+superuser,
		"--pwfile="+secret,
		"--auth=scram-sha-256",
		"--encoding=UTF8",
		"--locale="+locale(),
		// We search its messages for a port in use.
		"--lc-messages=C",
		// An unfinished directory is not needed after a crash of the machine.
		"--no-sync",
	)
	// Children of initdb end with it, because they read from it.
	c, err := startChild(p.dir, "initdb", cmd, syscall.SIGKILL)
	if err != nil {
		return err
	}
	if err := c.finish(ctx); err != nil {
		return fmt.Errorf("make a PostgreSQL data directory: %w", err)
	}
	return nil
}

// copyFrom makes a data directory with all that another server has, while that one works.
func (p *Postgres) copyFrom(ctx context.Context, of *Postgres) error {
	if err := os.Mkdir(p.DataDir, 0o700); err != nil {
		return err
	}
	if err := p.account.own(p.DataDir); err != nil {
		return err
	}
	initdb, err := filepath.EvalSymlinks(p.programs.initdb) // Debian links only some programs to where the path finds them
	if err != nil {
		return err
	}
	cmd := p.command(filepath.Join(filepath.Dir(initdb), "pg_basebackup"),
		"-D", p.DataDir, "-h", loopback, "-p", strconv.Itoa(of.port), "-U", superuser, "--no-password", "--checkpoint=fast", "--wal-method=stream", "--no-sync")
	cmd.Env = append(cmd.Env, "PGPASSWORD="+of.password)
	c, err := startChild(p.dir, "pg_basebackup", cmd, syscall.SIGKILL)
	if err != nil {
		return err
	}
	if err := c.finish(ctx); err != nil {
		return fmt.Errorf("copy a running PostgreSQL: %w", err)
	}
	return nil
}

// locale determines the order of text and which characters are letters. These locales exist on every installation of
// the system.
func locale() string {
	if runtime.GOOS == "linux" {
		return "C.UTF-8"
	}
	return "en_US.UTF-8"
}

// command is one of PostgreSQL's programs, run as the account that owns the data, in a directory that it can enter, and
// without client settings from the environment.
func (p *Postgres) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = p.dir.path
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PG") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.SysProcAttr = p.account.attributes()
	return cmd
}

// settings are the server's settings, above its own defaults.
func (p *Postgres) settings() []string {
	s := []string{
		"port=" + strconv.Itoa(p.port),
		"listen_addresses=" + loopback,
		// No socket file, because it needs a directory with a short name.
		"unix_socket_directories=",
		"max_connections=200",
		"timezone=UTC",
		"log_timezone=UTC",
		// Memory shared by parallel queries is in the data directory, where it
		// is removed with the rest if the server is killed.
		"dynamic_shared_memory_type=mmap",
		// Stored data must not appear in the log. Errors quote the values
		// they are about, so they go only to the client: LOG ranks above ERROR.
		"log_min_messages=log",
		"log_min_error_statement=panic",
		"log_checkpoints=off",
	}
	if p.unsafe {
		// Commits are still written to the system before they are answered, so a
		// kill loses none: synchronous_commit stays on.
		s = append(s, "fsync=off", "full_page_writes=off")
	}
	return s
}

// launch starts the server and waits until it answers. It does not use pg_ctl, because the server would not be our
// child process.
func (p *Postgres) launch(ctx context.Context) (*child, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout,
		fmt.Errorf("no answer within %s", startTimeout))
	defer cancel()
	for {
		args := []string{"-D", p.DataDir}
		for _, setting := range p.settings() {
			args = append(args, "-c", setting)
		}
		// If we die, SIGQUIT makes it end its own processes and release its
		// shared memory. SIGKILL would leave the memory in the system.
		c, err := startChild(p.dir, "postgres", p.command(p.programs.server, args...), syscall.SIGQUIT)
		if err != nil {
			return nil, err
		}
		err = p.awaitAnswer(ctx, c)
		if err == nil {
			return c, nil
		}
		if stopped := c.stop(context.WithoutCancel(ctx), syscall.SIGQUIT); stopped != nil {
			return nil, errors.Join(err, stopped)
		}
		// After a Kill, the old server's processes end when they notice it. Until
		// then a new server refuses to use their data.
		if !strings.Contains(c.output(), "is still in use") || !pause(ctx, 100*time.Millisecond) {
			return nil, err
		}
	}
}

// awaitAnswer returns when the server accepts connections, or no longer can.
func (p *Postgres) awaitAnswer(ctx context.Context, c *child) error {
	for {
		conn, err := pgx.Connect(ctx, p.admin)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-c.exited:
			return startFailure("PostgreSQL", c, c.failure())
		default:
		}
		if !pause(ctx, 20*time.Millisecond) {
			return fmt.Errorf("start PostgreSQL: %w: %w\n%s", context.Cause(ctx), err, lastLines(c.output(), 15))
		}
	}
}

// pause waits, and reports whether to continue.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
