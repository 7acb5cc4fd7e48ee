package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"kapflow/care"
)

// What went wrong, for callers that decide whether to try again.
var (
	// ErrUnavailable says that Postgres could not do it now. Trying again may help.
	ErrUnavailable = errors.New("the database is not available")
	// ErrBusy says that somebody holds what this needs for longer than a program waits. It is an ErrUnavailable.
	ErrBusy = fmt.Errorf("%w: another session has held a lock for longer than %s; see Locks in docs/runbook.md", ErrUnavailable, lockWait)
	// errDiskFull is care.ErrDiskFull. It is an ErrUnavailable.
	errDiskFull = fmt.Errorf("%w: %w", ErrUnavailable, care.ErrDiskFull)
	// ErrConflict says that something else is kept under the same key.
	ErrConflict = errors.New("the key is taken by something else")
	// ErrInvalid says that Postgres refuses the data itself. Trying again does not help.
	ErrInvalid = errors.New("the database refuses this data")
	// ErrNoDelivery says that no delivery was ever claimed under a key.
	ErrNoDelivery = errors.New("no letter has this key")
	// ErrTakenOver reports that a save came from a run that was replaced when its journey was restarted. The new run has the chart.
	ErrTakenOver = errors.New("the journey was restarted after this run began")
	// ErrBuildReused says that a build id was given to two different programs.
	ErrBuildReused = errors.New("this build id belongs to another program; give every build an id of its own")
	// ErrIndexKey says that the index key is not the one with which the audit log was written.
	ErrIndexKey = errors.New("the index key is not this database's: no client would be found, and a client could be enrolled twice")
	// ErrSealed says that something kept cannot be opened: its key is missing, or it was tampered with.
	ErrSealed = errors.New("a sealed field cannot be opened")
)

const (
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	lockNotAvailable     = "55P03"
	diskFull             = "53100"
	endedConnection      = "57P0" // Postgres stops, starts, or somebody ended the session

	insufficientPrivilege = "42501" // also what an append-only table answers
	noSuchRole            = "22023" // at sign-in: the role that we act as is not there
)

// sentinels maps SQLSTATEs to our errors, the first fitting prefix first.
var sentinels = []struct {
	prefix string
	err    error
}{
	{lockNotAvailable, ErrBusy},
	{"08", ErrUnavailable},
	{diskFull, errDiskFull},
	{"53", ErrUnavailable},
	{endedConnection, ErrUnavailable},
	{serializationFailure, ErrUnavailable},
	{deadlockDetected, ErrUnavailable},
	{uniqueViolation, ErrConflict},
	{"22", ErrInvalid},
	{"23", ErrInvalid},
	{insufficientPrivilege, ErrInvalid},
}

// fault names an error of Postgres by our sentinels.
//
// HAZARD: of Postgres's own words only the code and the names of table and constraint go on. Its message and
// detail quote values, and error texts end up in logs and in Temporal.
func fault(what string, err error) error {
	if err == nil {
		return nil
	}
	if lostConnection(err) {
		return fmt.Errorf("store: %s: %w: %w", what, ErrUnavailable, err)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		where := strings.TrimSpace(pg.TableName + " " + pg.ConstraintName)
		for _, s := range sentinels {
			if strings.HasPrefix(pg.Code, s.prefix) {
				return fmt.Errorf("store: %s: %w (SQLSTATE %s %s)", what, s.err, pg.Code, where)
			}
		}
		return fmt.Errorf("store: %s: SQLSTATE %s %s", what, pg.Code, where)
	}
	return fmt.Errorf("store: %s: %w", what, err)
}

// lostConnection says whether Postgres was not reached, or refused to talk at all.
func lostConnection(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false // the caller's own wish
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}

// connectionEnded says whether the connection on which something was asked can be used no more.
func connectionEnded(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.HasPrefix(pg.Code, endedConnection)
	}
	return err != nil && lostConnection(err)
}
