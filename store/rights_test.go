package store_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// programsMay lists what programs may do to each table, by the first letters of SELECT, INSERT, UPDATE and DELETE.
var programsMay = map[string]string{
	"absence":          "DISU",
	"audit_event":      "IS",
	"audit_head":       "S",
	"billing":          "ISU",
	"ceremony":         "DISU",
	"client":           "ISU",
	"client_entry":     "DISU",
	"contact":          "ISU",
	"data_key":         "IS",
	"document":         "IS",
	"document_number":  "ISU",
	"draft":            "DISU",
	"fact":             "IS",
	"fact_lost":        "IS",
	"fact_unchecked":   "DIS",
	"goose_db_version": "S",
	"handled":          "DS", // builds before send records wrote it
	"invite":           "DISU",
	"journal":          "IS",
	"ledger_account":   "S",
	"feed":             "DISU",
	"ledger_close":     "IS",
	"ledger_entry":     "S",
	"ledger_tx":        "S",
	"letter":           "ISU",
	"link":             "ISU",
	"link_before":      "S",
	"link_code":        "IS",
	"link_pass":        "DISU",
	"link_try":         "IS",
	"mailbox":          "IS",
	"matter":           "DISU",
	"opt_out":          "DIS",
	"passkey":          "DISU",
	"person":           "ISU",
	"private_text":     "IS",
	"provider_event":   "ISU",
	"provider_turn":    "ISU",
	"send_record":      "DISU",
	"session":          "DISU",
	"session_epoch":    "ISU",
	"slot":             "DISU",
	"told":             "IS",
	"turn":             "S",
	"worker_build":     "ISU",
	"worker_seen":      "DISU",
}

// TestProgramsDoToEveryTableWhatTheyDoAndNoMore: who has a program's login and SQL can do what is listed above. A new table needs a
// row, with no more than its code does.
func TestProgramsDoToEveryTableWhatTheyDoAndNoMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rows, err := b.psql().Query(t.Context(), `
		SELECT c.relname::text, coalesce(string_agg(left(p.privilege_type, 1), '' ORDER BY p.privilege_type) FILTER (WHERE p.grantee = 'kapflow_app'::regrole), ''),
			coalesce(string_agg(DISTINCT p.privilege_type, ' ') FILTER (WHERE p.grantee = 'kapflow_readonly'::regrole), ''), bool_or(p.grantee = 0)
		FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) p
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' GROUP BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	var table, may, reader string
	var everybody bool
	seen := 0
	if _, err := pgx.ForEachRow(rows, []any{&table, &may, &reader, &everybody}, func() error {
		seen++
		if want, listed := programsMay[table]; may != want || !listed {
			t.Errorf("programs may %q on %s, and %q is listed", may, table, want)
		}
		if reader != "SELECT" && reader != "" || everybody {
			t.Errorf("whoever only reads may %s on %s; everybody has rights: %v", reader, table, everybody)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if seen != len(programsMay) {
		t.Errorf("%d tables were looked at, and %d are listed", seen, len(programsMay))
	}
}
