package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

// IssuedDocument is a document that was handed out, as it was.
type IssuedDocument = care.IssuedDocument

func paperPlace(id, column string) place { return place{"document", column, id} }

// KeepIssuedDocument keeps a document with the hashes of both its forms. The same document again is the one that was kept
// first; it is never changed.
func (s *Store) KeepIssuedDocument(ctx context.Context, p IssuedDocument) (kept IssuedDocument, err error) {
	html, pdf := sha256.Sum256(p.HTML), sha256.Sum256(p.PDF)
	id := rand.Text()
	err = s.inTx(ctx, "keep document", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			INSERT INTO document (id, client_id, kind, number, html_sha256, pdf_sha256, html, pdf, by_id, by_role)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (client_id, kind, html_sha256) DO NOTHING`,
			id, p.ClientID, p.Kind, p.Number, html[:], pdf[:], s.seal(paperPlace(id, "html"), p.HTML), s.seal(paperPlace(id, "pdf"), p.PDF), p.By.ID, p.By.Role); err != nil {
			return err
		}
		kept, err = s.scanIssuedDocument(tx.QueryRow(ctx, paperColumns+`WHERE client_id = $1 AND kind = $2 AND html_sha256 = $3`, p.ClientID, p.Kind, html[:]))
		return err
	})
	return kept, err
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
	if p.HTML, err = s.open(paperPlace(p.ID, "html"), p.HTML); err != nil {
		return p, err
	}
	p.PDF, err = s.open(paperPlace(p.ID, "pdf"), p.PDF)
	return p, err
}
