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
	// a database cannot be copied while it is in use.
	maintenance = "postgres"
	// dataName is the name of the data directory in a run directory.
	dataName = "data"
)

// PostgresOptions says which PostgreSQL to start. The zero value is a private one.
type PostgresOptions struct {
	// Out receives messages about slow steps. Nil means none.
	Out io.Writer
	// URL of a running server to use in place of starting one.
	URL string
	// Unsafe allows the server to lose data when the machine stops, which makes it much
	// faster. A killed process loses no data.
	Unsafe bool
	// CopyOf is a running server that was started here. The new one begins with all its data, by pg_basebackup, as a backup
	// that is restored elsewhere does. Its password is the same.
	CopyOf *Postgres
	// In is the directory to keep everything in, such as the only one on a small disk. Every account can enter it. Empty is the
	// system's directory for temporary files.
	In string
	// DownloadFrom is the Maven repository for PostgreSQL's programs, if
	// this machine has none. Empty means the public one.
	DownloadFrom string
}

// Postgres is a running PostgreSQL server.
type Postgres struct {
	// URL connects as superuser to the database kapflow, if the server was
	// started here. It does not change with a Restart.
	URL string
	// DataDir holds the databases. It is empty for a server that was not started here.
	DataDir string

	admin    string // URL for creating databases
	programs programs
	account  *account
	port     int
	password string
	unsafe   bool
	dir      *runDir

	mu    sync.Mutex // guards child, and runs Stop, Kill and Restart one after the other
	child *child
}

// StartPostgres starts a PostgreSQL and returns once it answers. If it fails, or ctx ends first, everything is removed.
// Once started it runs until Stop.
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
	dir, err := newRunDir(opts.In)
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
	if opts.CopyOf != nil {
		p.password = opts.CopyOf.password
	}
	if err := p.create(ctx, opts.CopyOf); err != nil {
		return nil, errors.Join(err, p.Stop(context.WithoutCancel(ctx)))
	}
	return p, nil
}

// usePostgres uses the server at the given URL.
func usePostgres(ctx context.Context, given string) (*Postgres, error) {
	conn, err := pgx.Connect(ctx, given)
	if err != nil {
		// pgx does not put the password into its errors.
		return nil, fmt.Errorf("no PostgreSQL answers at DATABASE_URL (unset it to have one started): %w", err)
	}
	return &Postgres{URL: given, admin: given}, conn.Close(ctx)
}

// create makes the data directory, starts the server, and makes our database. A copy has it already.
func (p *Postgres) create(ctx context.Context, of *Postgres) error {
	prepare := p.initialise
	if of != nil {
		prepare = func(ctx context.Context) error { return p.copyFrom(ctx, of) }
	}
	if err := prepare(ctx); err != nil {
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
	if of != nil {
		return nil
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

// PID is the process number of the server's main process. It is 0 if the server does not run or was not started here.
func (p *Postgres) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child == nil || !p.child.running() {
		return 0
	}
	return p.child.pid()
}

// Stop ends the server and removes its data. It does nothing to a server that was not started here.
func (p *Postgres) Stop(ctx context.Context) error {
	if p == nil || p.dir == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var stopped error
	if p.child != nil {
		// An immediate shutdown, because the data is removed next.
		stopped = p.child.stop(ctx, syscall.SIGQUIT)
	}
	return errors.Join(stopped, p.dir.remove())
}

// Kill ends the server as a crash would. Restart starts it again.
func (p *Postgres) Kill() error {
	if p.dir == nil {
		return errNotOurs
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.child.kill()
}

// Restart starts the server again, on the same port and with the same data, after a Kill or while it runs.
func (p *Postgres) Restart(ctx context.Context) error {
	if p.dir == nil {
		return errNotOurs
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// A fast shutdown: clients are disconnected, and committed data is kept.
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
