package store

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// AuditHead is the end of the audit log at one moment, to be kept outside of the house: a log that does not hold it any more was
// cut off or rewritten. It says nothing about anybody.
type AuditHead struct {
	Seq  int64     `json:"rows"` // number of the last row; 0: the log is empty
	Hash []byte    `json:"hash"` // of the last row
	At   time.Time `json:"at"`   // UTC
}

// ErrUnproven says that the chain is whole, but a row in it was not written by a program with this practice's keys. It is an
// ErrTampered. A program of an earlier version that ran beside this one, during an upgrade, writes such rows, too.
var ErrUnproven = fmt.Errorf("%w: no program with this practice's keys wrote a row", ErrTampered)

// CheckAudit goes along the chain and gives its head's hash. See CheckAuditFrom.
func (s *Store) CheckAudit(ctx context.Context) (head []byte, err error) {
	end, err := s.CheckAuditFrom(ctx)
	return end.Hash, err
}

// CheckAuditFrom goes along the audit log and gives its end, to be kept somewhere else. It fails with ErrTampered at the first row
// that is not as it was written, that no program of this practice wrote, or if rows at the end are gone. kept are ends that were
// kept elsewhere: the log must still hold them, which shows that the owner of the tables did not cut it off or write it again.
func (s *Store) CheckAuditFrom(ctx context.Context, kept ...AuditHead) (head AuditHead, err error) {
	err = s.oneMoment(ctx, "check audit log", func(tx pgx.Tx) error { // rows and head change together
		if err := s.checkRows(ctx, tx); err != nil {
			return err
		}
		var there bool
		err = tx.QueryRow(ctx, `
			SELECT h.seq, h.hash, now(), h.seq = 0 OR EXISTS (SELECT FROM audit_event e WHERE e.seq = h.seq AND e.hash = h.hash) FROM audit_head h`).
			Scan(&head.Seq, &head.Hash, &head.At, &there)
		if err == nil && !there {
			return fmt.Errorf("%w: its end is missing, up to row %d", ErrTampered, head.Seq)
		}
		head.At = head.At.UTC()
		for _, k := range kept {
			var hash []byte
			if err := tx.QueryRow(ctx, `SELECT hash FROM audit_event WHERE seq = $1`, k.Seq).Scan(&hash); err != nil && !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
			if k.Seq > 0 && !bytes.Equal(hash, k.Hash) {
				return fmt.Errorf("%w: row %d is not the one that was its end on %s", ErrTampered, k.Seq, k.At.UTC().Format(time.DateOnly))
			}
		}
		return err
	})
	return head, err
}

// checkRows goes along every row: its number, its link to the row before, its hash, and from the first row on that has a proof, the
// proof. Rows before that one were written by earlier builds.
func (s *Store) checkRows(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `
		SELECT seq, id, prev_hash, hash, audit_digest(e), coalesce(report_hash, '\x'::bytea), proof_hash FROM audit_event e ORDER BY seq`)
	if err != nil {
		return err
	}
	var seq, last int64
	var id string
	var prev, hash, digest, report, proof, before []byte
	proven := false
	_, err = pgx.ForEachRow(rows, []any{&seq, &id, &prev, &hash, &digest, &report, &proof}, func() error {
		last++
		if seq != last || !bytes.Equal(prev, before) || !bytes.Equal(hash, digest) {
			return fmt.Errorf("%w at row %d", ErrTampered, seq)
		}
		before = bytes.Clone(hash)
		if proof == nil && !proven {
			return nil
		}
		proven = true
		if !s.proves(id, hash, report, proof) {
			return fmt.Errorf("%w: row %d", ErrUnproven, seq)
		}
		return nil
	})
	return err
}

// proves says whether a program with this practice's index key wrote a row of the audit log.
func (s *Store) proves(id string, hash, report, proof []byte) bool {
	want := sha256.Sum256(append(append(s.auditKey(id), hash...), report...))
	return hmac.Equal(proof, want[:])
}

// checkIndexKey fails with ErrIndexKey if the key proves none of the rows at both ends of the audit log. One row is enough: whoever can
// only add rows cannot keep programs from starting.
func (s *Store) checkIndexKey(ctx context.Context) error {
	proven, rows := false, 0
	err := s.alone("check index key", func(q querier) error {
		found, err := q.Query(ctx, `
			(SELECT id, hash, coalesce(report_hash, '\x'::bytea), proof_hash FROM audit_event WHERE proof_hash IS NOT NULL ORDER BY seq LIMIT 10)
			UNION ALL
			(SELECT id, hash, coalesce(report_hash, '\x'::bytea), proof_hash FROM audit_event WHERE proof_hash IS NOT NULL ORDER BY seq DESC LIMIT 10)`)
		if err != nil {
			return err
		}
		var id string
		var hash, report, proof []byte
		_, err = pgx.ForEachRow(found, []any{&id, &hash, &report, &proof}, func() error {
			rows++
			proven = proven || s.proves(id, hash, report, proof)
			return nil
		})
		return err
	})
	if err == nil && rows > 0 && !proven {
		return ErrIndexKey
	}
	return err
}
