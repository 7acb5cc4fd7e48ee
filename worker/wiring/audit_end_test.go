package wiring

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"kapflow/store"
)

func TestEndsOfTheAuditLogAreKeptAsFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := time.Date(2027, time.March, 1, 16, 0, 0, 5000, time.UTC)
	first, second := store.AuditHead{Seq: 3, Hash: []byte("abc"), At: at}, store.AuditHead{Seq: 9, Hash: []byte("def"), At: at.Add(24 * time.Hour)}
	for _, end := range []store.AuditHead{first, second, first} {
		if err := KeepAuditEnd(dir, end); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := KeptAuditEnds(dir)
	if err != nil || len(kept) != 2 || kept[0].Seq != 3 || string(kept[1].Hash) != "def" || !kept[1].At.Equal(second.At.Truncate(time.Second)) {
		t.Errorf("%+v, %v", kept, err)
	}
	if err := KeepAuditEnd(dir, store.AuditHead{Seq: 3, Hash: []byte("other"), At: at}); err == nil {
		t.Error("an end that was kept was replaced")
	}
	if err := os.WriteFile(filepath.Join(dir, "audit-x.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := KeptAuditEnds(dir); err == nil {
		t.Error("a file that is no end was read as one")
	}
}
