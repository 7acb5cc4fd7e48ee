package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestBackupOpensOnlyWholeAndWithItsKey: what comes back is what went in, for its key only, and a file that was changed or cut off
// anywhere gives nothing.
func TestBackupOpensOnlyWholeAndWithItsKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	command := func(args ...string) (string, int) {
		var out, errs bytes.Buffer
		code := run(t.Context(), args, &out, &errs)
		return out.String() + errs.String(), code
	}
	made, code := command("backup", "key", at("key"))
	name := regexp.MustCompile(`age1[0-9a-z]+`).FindString(made)
	if code != 0 || name == "" || strings.Contains(made, "SECRET") {
		t.Fatalf("%d %s", code, made)
	}
	if _, code := command("backup", "key", at("other")); code != 0 {
		t.Fatal(code)
	}
	body := bytes.Repeat([]byte("a client's name "), 20_000)
	var out bytes.Buffer
	write := backupWriteCommand{File: at("b.age"), To: []string{name}}
	if err := write.from(terminal{ctx: t.Context(), out: &out}, bytes.NewReader(body)); err != nil {
		t.Fatal(err)
	}
	sealed, err := os.ReadFile(at("b.age"))
	if err != nil || bytes.Contains(sealed, []byte("client")) {
		t.Fatalf("in the clear, or %v", err)
	}
	if err := write.from(terminal{ctx: t.Context(), out: &out}, bytes.NewReader(body)); err == nil {
		t.Error("a backup was written over another")
	}
	if err := (backupWriteCommand{File: at("empty.age"), To: []string{name}}).from(terminal{ctx: t.Context(), out: &out}, strings.NewReader("")); err == nil || exists(at("empty.age")) {
		t.Errorf("a backup of nothing: %v", err)
	}
	if says, code := command("backup", "read", at("b.age"), at("b"), "--key", at("key")); code != 0 {
		t.Fatal(says)
	}
	if got, err := os.ReadFile(at("b")); err != nil || !bytes.Equal(got, body) {
		t.Errorf("another content, or %v", err)
	}
	for _, file := range []string{"key", "b.age", "b"} {
		if info, err := os.Stat(at(file)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
	}
	changed := func(n int) []byte { c := bytes.Clone(sealed); c[n] ^= 1; return c }
	for name, x := range map[string]struct {
		body []byte
		key  string
	}{
		"another-key": {sealed, "other"}, "no-key": {sealed, "b.age"}, "cut": {sealed[:len(sealed)-1], "key"}, "cut-at-a-part": {sealed[:70_000], "key"}, "head": {changed(60), "key"},
		"middle": {changed(len(sealed) / 2), "key"}, "end": {changed(len(sealed) - 1), "key"}, "longer": {append(bytes.Clone(sealed), 0), "key"}, "plain": {body, "key"}, "empty": {nil, "key"},
	} {
		if err := os.WriteFile(at(name), x.body, 0o600); err != nil {
			t.Fatal(err)
		}
		if says, code := command("backup", "read", at(name), at(name+".out"), "--key", at(x.key)); code != exitUsage || exists(at(name+".out")) || strings.Contains(says, "SECRET") {
			t.Errorf("%s: %d %s", name, code, says)
		}
	}
}
