package devstack

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

func makeRunDir(t *testing.T, base, name string, files ...string) string {
	t.Helper()
	dir := filepath.Join(base, runPrefix+name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestSweepRemovesOnlyWhatIsDead(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	dead := makeRunDir(t, base, "dead", ownerLock)
	young := makeRunDir(t, base, "young")
	old := makeRunDir(t, base, "old", "unclaimed")
	yesterday := time.Now().AddDate(0, 0, -1)
	if err := os.Chtimes(old, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	living := &runDir{path: makeRunDir(t, base, "living")}
	if err := living.claim(); err != nil {
		t.Fatal(err)
	}
	stranger := filepath.Join(base, "something-else")
	if err := os.Mkdir(stranger, 0o700); err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	link := filepath.Join(base, runPrefix+"link")
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Fatal(err)
	}

	sweep(base)
	for path, want := range map[string]bool{
		dead: false, old: false, young: true, living.path: true, stranger: true, link: true, elsewhere: true,
	} {
		if exists(path) != want {
			t.Errorf("%s: is there: %v, want %v", filepath.Base(path), !want, want)
		}
	}

	if err := living.remove(); err != nil {
		t.Error(err)
	}
	if err := living.remove(); err != nil {
		t.Errorf("the second time: %v", err)
	}
	if exists(living.path) {
		t.Error("a removed run directory is left")
	}
}

func TestSweepSparesOtherProcesses(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	dead := makeRunDir(t, base, "dead", ownerLock)
	// The process ours.pid is one that has nothing to do with the directory.
	for name, note := range map[string]string{"ours.pid": strconv.Itoa(os.Getpid()), "odd.pid": "x", "all.pid": "-1"} {
		if err := os.WriteFile(filepath.Join(dead, name), []byte(note), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sweep(base)
	if exists(dead) {
		t.Error("the directory is left")
	}
}

func TestLockIsHeldByOne(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a", "lock")
	release, err := waitLock(t.Context(), path, func() { t.Error("nobody holds it") })
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := tryLock(f); !errors.Is(err, errLocked) {
		t.Errorf("a held lock gives %v", err)
	}
	release()
	if err := tryLock(f); err != nil {
		t.Errorf("a released lock gives %v", err)
	}
}
