package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/person"
)

// IssuedDocument is a document that was handed out, as it was.
type IssuedDocument = care.IssuedDocument

func paperPlace(id, clientID, column string) place {
	return place{table: "document", column: column, row: id, client: clientID}
}

// KeepIssuedDocument keeps a document with the hashes of both its forms. The same document again is the one that was kept
// first; it is never changed.
func (s *Store) KeepIssuedDocument(ctx context.Context, p IssuedDocument) (kept IssuedDocument, err error) {
	html, pdf := sha256.Sum256(p.HTML), sha256.Sum256(p.PDF)
	id := rand.Text()
	err = s.inTx(ctx, "keep document", func(tx pgx.Tx) error {
		f := sealer{store: s}
		sealedHTML, sealedPDF := f.bytes(paperPlace(id, p.ClientID, "html"), p.HTML), f.bytes(paperPlace(id, p.ClientID, "pdf"), p.PDF)
		if f.err != nil {
			return f.err
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO document (id, client_id, kind, number, html_sha256, pdf_sha256, html, pdf, by_id, by_role)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (client_id, kind, html_sha256) DO NOTHING`,
			id, p.ClientID, p.Kind, p.Number, html[:], pdf[:], sealedHTML, sealedPDF, p.By.ID, p.By.Role); err != nil {
			return err
		}
		kept, err = s.scanIssuedDocument(tx.QueryRow(ctx, paperColumns+`WHERE client_id = $1 AND kind = $2 AND html_sha256 = $3`, p.ClientID, p.Kind, html[:]))
		return err
	})
	return kept, err
}

// NumberedDocument is a document that gets its number when it is kept.
type NumberedDocument struct {
	ClientID string
	Kind     string
	By       person.Actor
	Content  []byte // all that it says, without the number that it gets
	Prefix   string // of the number: GFE in GFE-2027-0001
	Year     int    // by the practice's calendar
	Number   string // that a person chose for it; empty: the next one
	Render   func(number string) (html, pdf []byte, err error)
}

// ErrNumberTaken says that a document has the number that a person chose for another one.
var ErrNumberTaken = errors.New("another document has this number")

// KeepNumbered gives a document its number and keeps it, in one transaction: numbers of a kind and year have no gap and no
// double. A document that says the same as one that the client was handed before is that one, with its number; one that says
// anything else has a number of its own.
func (s *Store) KeepNumbered(ctx context.Context, d NumberedDocument) (kept IssuedDocument, err error) {
	content := sha256.Sum256(d.Content)
	err = s.inTx(ctx, "keep numbered document", func(tx pgx.Tx) error {
		same := paperColumns + `WHERE client_id = $1 AND kind = $2 AND content_sha256 = $3`
		var last int
		if err := tx.QueryRow(ctx, `
			INSERT INTO document_number (kind, year, last) VALUES ($1, $2, 0)
			ON CONFLICT (kind, year) DO UPDATE SET last = document_number.last
			RETURNING last`, d.Kind, d.Year).Scan(&last); err != nil { // it also locks the row: one document of a kind at a time
			return err
		}
		if kept, err = s.scanIssuedDocument(tx.QueryRow(ctx, same, d.ClientID, d.Kind, content[:])); err == nil || !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		number, err := nextNumber(ctx, tx, d, last)
		if err != nil {
			return err
		}
		p := IssuedDocument{ClientID: d.ClientID, Kind: d.Kind, Number: number, By: d.By}
		if p.HTML, p.PDF, err = d.Render(number); err != nil {
			return err
		}
		html, pdf, id := sha256.Sum256(p.HTML), sha256.Sum256(p.PDF), rand.Text()
		f := sealer{store: s}
		sealedHTML, sealedPDF := f.bytes(paperPlace(id, p.ClientID, "html"), p.HTML), f.bytes(paperPlace(id, p.ClientID, "pdf"), p.PDF)
		if f.err != nil {
			return f.err
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO document (id, client_id, kind, number, html_sha256, pdf_sha256, html, pdf, by_id, by_role, content_sha256)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			id, p.ClientID, p.Kind, p.Number, html[:], pdf[:], sealedHTML, sealedPDF, p.By.ID, p.By.Role, content[:]); err != nil {
			return err
		}
		kept, err = s.scanIssuedDocument(tx.QueryRow(ctx, same, d.ClientID, d.Kind, content[:]))
		return err
	})
	return kept, err
}

// nextNumber gives the number of a new document: the one that a person chose, if no other document has it, or the next of its
// kind and year.
func nextNumber(ctx context.Context, tx pgx.Tx, d NumberedDocument, last int) (string, error) {
	number := d.Number
	for {
		if d.Number == "" {
			last++
			number = fmt.Sprintf("%s-%d-%04d", d.Prefix, d.Year, last)
		}
		var taken bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM document WHERE kind = $1 AND number = $2)`, d.Kind, number).Scan(&taken); err != nil {
			return "", err
		}
		switch {
		case !taken && d.Number != "":
			return number, nil
		case !taken:
			_, err := tx.Exec(ctx, `UPDATE document_number SET last = $3 WHERE kind = $1 AND year = $2`, d.Kind, d.Year, last)
			return number, err
		case d.Number != "":
			return "", ErrNumberTaken
		}
	}
}

// IssuedDocuments gives every document that a client was given, oldest first.
func (s *Store) IssuedDocuments(ctx context.Context, clientID string) (list []IssuedDocument, err error) {
	err = s.alone("read documents", func(q querier) error {
		list, err = each(ctx, q, s.scanIssuedDocument, paperColumns+`WHERE client_id = $1 ORDER BY made_at, id`, clientID)
		return err
	})
	return list, err
}

const paperColumns = `SELECT id, client_id, kind, number, html_sha256, pdf_sha256, html, pdf, made_at, by_id, by_role FROM document `

func (s *Store) scanIssuedDocument(r pgx.Row) (p IssuedDocument, err error) {
	if err := r.Scan(&p.ID, &p.ClientID, &p.Kind, &p.Number, &p.HTMLSHA256, &p.PDFSHA256, &p.HTML, &p.PDF, &p.MadeAt, &p.By.ID, &p.By.Role); err != nil {
		return p, err
	}
	p.MadeAt = p.MadeAt.UTC()
	if p.HTML, err = s.open(paperPlace(p.ID, p.ClientID, "html"), p.HTML); err != nil {
		return p, err
	}
	p.PDF, err = s.open(paperPlace(p.ID, p.ClientID, "pdf"), p.PDF)
	return p, err
}
