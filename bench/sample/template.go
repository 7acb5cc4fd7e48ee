package sample

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/devstack"
	"kapflow/practice"
	"kapflow/store"
)

// Template is a database with a practice of sample clients, from which others are copied.
type Template struct {
	Name  string
	Took  time.Duration // making it; 0: it was there
	Bytes int64
	Now   time.Time // the moment at which the practice stands
}

// Now is the moment at which a practice that is filled at a time stands: ten in the morning, in Denver, of the last Wednesday before.
func Now(at time.Time) time.Time {
	day := at.UTC().AddDate(0, 0, -int((at.UTC().Weekday()-time.Wednesday+7)%7))
	return time.Date(day.Year(), day.Month(), day.Day(), 17, 0, 0, 0, time.UTC)
}

// EnsureTemplate gives the template of a practice, and makes it if the server has none of this week and size. One that was not
// finished is made again.
func EnsureTemplate(ctx context.Context, server *devstack.Postgres, o Options) (t Template, err error) {
	t = Template{Name: fmt.Sprintf("kapflow_sample_%d_%d_%s", o.Clients, max(o.Logs, 1), o.Now.Format("20060102")), Now: o.Now}
	began := time.Now()
	if t.Bytes, err = sizeOf(ctx, server, t.Name); err != nil || t.Bytes > 0 {
		return t, err
	}
	making := t.Name + "_making"
	if err := server.DropDatabase(ctx, making); err != nil {
		return t, err
	}
	at, err := server.NewDatabase(ctx, making, "")
	if err != nil {
		return t, err
	}
	if err := store.Migrate(ctx, at); err != nil {
		return t, err
	}
	if err := fillDatabase(ctx, at, o); err != nil {
		return t, err
	}
	if err := onServer(ctx, server.URL, fmt.Sprintf(`ALTER DATABASE %s RENAME TO %s`, making, t.Name)); err != nil {
		return t, err
	}
	t.Took = time.Since(began)
	t.Bytes, err = sizeOf(ctx, server, t.Name)
	return t, err
}

// fillDatabase fills an empty practice.
func fillDatabase(ctx context.Context, url string, o Options) error {
	prac, err := practice.Sample(o.Now)
	if err != nil {
		return err
	}
	s, err := Open(ctx, url)
	if err != nil {
		return err
	}
	err = Fill(ctx, s, prac, o)
	s.Close()
	if err != nil {
		return err
	}
	return onServer(ctx, url, `VACUUM ANALYZE`)
}

// Open opens the records of a practice of sample clients.
func Open(ctx context.Context, url string) (*store.Store, error) {
	fields, index, err := Keys()
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, store.Options{URL: url, Keys: fields, IndexKey: index, MaxConns: 8})
}

// URL is the address of a database on a server.
func URL(server *devstack.Postgres, name string) string {
	u, err := url.Parse(server.URL)
	if err != nil {
		return ""
	}
	u.Path = "/" + name
	return u.String()
}

// onServer runs one statement as the server's superuser.
func onServer(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, sql)
	return err
}

// sizeOf gives the size of a database in bytes; 0 if there is none.
func sizeOf(ctx context.Context, server *devstack.Postgres, name string) (bytes int64, err error) {
	conn, err := pgx.Connect(ctx, server.URL)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	err = conn.QueryRow(ctx, `SELECT coalesce((SELECT pg_database_size(datname) FROM pg_database WHERE datname = $1), 0)`, name).Scan(&bytes)
	return bytes, err
}
