package devstack_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kapflow/devstack"
)

func startPostgres(t *testing.T) *devstack.Postgres {
	t.Helper()
	p, err := devstack.StartPostgres(t.Context(), devstack.PostgresOptions{Unsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopped(t, p) })
	return p
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(background(t)) })
	return conn
}

func execute(t *testing.T, url, statement string) {
	t.Helper()
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func query(t *testing.T, url, statement string) (answer string) {
	t.Helper()
	if err := connect(t, url).QueryRow(t.Context(), statement).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestPostgresServesUntilStopped(t *testing.T) {
	t.Parallel()
	p := startPostgres(t)
	pid := p.PID()

	if got := query(t, p.URL, "SELECT current_database() || ' ' || current_user || ' ' || pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"); got != "kapflow kapflow UTF8" {
		t.Errorf("database, user and encoding are %q", got)
	}
	if info, err := os.Stat(p.DataDir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("data directory: %v, %v; want it for its owner only", info, err)
	}
	if _, err := pgx.Connect(t.Context(), strings.Replace(p.URL, "kapflow:", "kapflow:no", 1)); err == nil {
		t.Error("a wrong password is let in")
	}

	stopped(t, p)
	gone(t, pid)
	absent(t, filepath.Dir(p.DataDir))
	noSharedMemory(t, pid)
	if p.PID() != 0 {
		t.Error("a stopped server has a process number")
	}
}

func TestPostgresCopiesTemplate(t *testing.T) {
	t.Parallel()
	p := startPostgres(t)
	template, err := p.NewDatabase(t.Context(), "template_kapflow", "")
	if err != nil {
		t.Fatal(err)
	}
	execute(t, template, "CREATE TABLE word AS SELECT 'copied' AS word")

	url, err := p.NewDatabase(t.Context(), `odd "name"`, "template_kapflow")
	if err != nil {
		t.Fatal(err)
	}
	if got := query(t, url, "SELECT word FROM word"); got != "copied" {
		t.Errorf("the copy holds %q", got)
	}
	if err := p.DropDatabase(t.Context(), `odd "name"`); err != nil {
		t.Error(err)
	}
	if _, err := pgx.Connect(t.Context(), url); err == nil {
		t.Error("a dropped database takes connections")
	}
}

func TestPostgresKeepsDataWhenKilled(t *testing.T) {
	t.Parallel()
	p := startPostgres(t)
	execute(t, p.URL, "CREATE TABLE word AS SELECT 'kept' AS word")
	// A connection whose process is alive when the server's main process is killed.
	connect(t, p.URL)
	killed := p.PID()
	url := p.URL

	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	gone(t, killed)
	if _, err := pgx.Connect(t.Context(), url); err == nil {
		t.Error("a killed server takes connections")
	}
	for _, again := range []string{"after a kill", "while it runs"} {
		if err := p.Restart(t.Context()); err != nil {
			t.Fatalf("restart %s: %v", again, err)
		}
		if p.URL != url {
			t.Errorf("restart %s changed the URL", again)
		}
		if got := query(t, url, "SELECT word FROM word"); got != "kept" {
			t.Errorf("restart %s: the table holds %q", again, got)
		}
	}

	last := p.PID()
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	stopped(t, p)
	absent(t, filepath.Dir(p.DataDir))
	noSharedMemory(t, last)
}

func TestPostgresLogHoldsNoValues(t *testing.T) {
	t.Parallel()
	p := startPostgres(t)
	execute(t, p.URL, "CREATE TABLE word (word text PRIMARY KEY)")
	conn := connect(t, p.URL)
	for range 2 {
		_, _ = conn.Exec(t.Context(), "INSERT INTO word VALUES ($1)", "canary")
	}
	if _, err := conn.Exec(t.Context(), "SELECT 'canary'::int"); err == nil || !strings.Contains(err.Error(), "canary") {
		t.Errorf("the client is not told what is wrong: %v", err)
	}
	log, err := os.ReadFile(filepath.Join(filepath.Dir(p.DataDir), "postgres.log"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), "ready to accept connections") {
		t.Errorf("this is not the server's log:\n%s", log)
	}
	if strings.Contains(string(log), "canary") {
		t.Errorf("the log holds a value:\n%s", log)
	}
}

func TestPostgresGivenByURL(t *testing.T) {
	t.Parallel()
	ours := startPostgres(t)
	given, err := devstack.StartPostgres(t.Context(), devstack.PostgresOptions{URL: ours.URL})
	if err != nil {
		t.Fatal(err)
	}
	if given.URL != ours.URL {
		t.Errorf("URL is %q", given.URL)
	}
	if _, err := given.NewDatabase(t.Context(), "another", ""); err != nil {
		t.Error(err)
	}
	if given.Kill() == nil || given.Restart(t.Context()) == nil {
		t.Error("a server that was not started here can be killed or restarted")
	}
	stopped(t, given)
	if ours.PID() == 0 {
		t.Error("stopping a server that was not started here ended it")
	}

	stopped(t, ours)
	if _, err := devstack.StartPostgres(t.Context(), devstack.PostgresOptions{URL: ours.URL}); err == nil ||
		!strings.Contains(err.Error(), "DATABASE_URL") {
		t.Errorf("error %v does not name DATABASE_URL", err)
	}
}
