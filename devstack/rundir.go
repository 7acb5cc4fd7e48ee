package devstack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// runPrefix starts the name of every directory that holds a server's data.
	runPrefix = "kapflow-devstack-"
	// ownerLock is the file that its owner keeps locked while it lives.
	ownerLock = "owner.lock"
	// settling is how long a directory without that file is not removed: its owner
	// may be about to make it.
	settling = time.Minute
)

// runDir holds one server's data, messages and process numbers. Only its owner may read it, and everything in it is
// temporary.
type runDir struct {
	path string
	lock *os.File
}

// newRunDir removes the directories of dead owners and makes a new one in base, which every account can enter. Empty is the
// system's directory for temporary files.
func newRunDir(base string) (_ *runDir, err error) {
	if base == "" {
		if base, err = runBase(); err != nil {
			return nil, err
		}
	}
	sweep(base)
	path, err := os.MkdirTemp(base, runPrefix)
	if err != nil {
		return nil, err
	}
	d := &runDir{path: path}
	if err := d.claim(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(path))
	}
	return d, nil
}

// runBase is the directory for run directories. If we are root, PostgreSQL runs as another account, which must be able
// to reach its data.
func runBase() (string, error) {
	base := os.TempDir()
	if os.Geteuid() != 0 || reachableByAll(base) {
		return base, nil
	}
	const shared = "/tmp"
	if reachableByAll(shared) {
		return shared, nil
	}
	return "", fmt.Errorf("neither %s nor %s can be entered by an unprivileged account, which PostgreSQL needs when started as root: set TMPDIR to a directory that can", base, shared)
}

// reachableByAll reports whether every account can pass through path.
func reachableByAll(path string) bool {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	for ; ; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if path == filepath.Dir(path) {
			return true
		}
	}
}

// claim locks the directory as long as this process lives. The lock file gets its name only when it is locked, so that
// no sweep finds it unlocked before.
func (d *runDir) claim() error {
	if os.Geteuid() == 0 {
		// Others may pass but not read: the data below belongs to PostgreSQL's account.
		if err := os.Chmod(d.path, 0o711); err != nil {
			return err
		}
	}
	lock, err := os.OpenFile(d.file("unclaimed"), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	d.lock = lock
	if err := tryLock(lock); err != nil {
		return errors.Join(err, lock.Close())
	}
	// For information only; the lock decides.
	if _, err := fmt.Fprintln(lock, os.Getpid()); err != nil {
		return errors.Join(err, lock.Close())
	}
	if err := os.Rename(lock.Name(), d.file(ownerLock)); err != nil {
		return errors.Join(err, lock.Close())
	}
	return nil
}

func (d *runDir) file(name string) string { return filepath.Join(d.path, name) }

// remove deletes the directory and releases its lock. It may be called again.
func (d *runDir) remove() error {
	releaseSharedMemory(d.path)
	err := removeAll(d.path)
	if closed := d.lock.Close(); closed != nil && !errors.Is(closed, os.ErrClosed) {
		err = errors.Join(err, closed)
	}
	return err
}

// removeAll deletes path. It retries for some seconds, because processes that are ending may still create files in it:
// those of a PostgreSQL whose parent was killed end only when they notice it.
func removeAll(path string) error {
	deadline := time.Now().Add(5 * time.Second)
	for {
		err := os.RemoveAll(path)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// sweep removes the run directories in base whose owners are dead, and ends processes that still run in them. It
// ignores errors, because a leftover must not prevent a start.
func sweep(base string) {
	found, err := filepath.Glob(filepath.Join(base, runPrefix+"*"))
	if err != nil {
		return
	}
	for _, path := range found {
		sweepOne(path)
	}
}

func sweepOne(path string) {
	// Every user can create names in a shared directory, so the owner is checked.
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() || !ownedByUs(info) {
		return
	}
	lock, err := os.OpenFile(filepath.Join(path, ownerLock), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		if time.Since(info.ModTime()) > settling {
			_ = os.RemoveAll(path)
		}
		return
	}
	if err != nil {
		return
	}
	defer func() { _ = lock.Close() }()
	if tryLock(lock) != nil {
		return // its owner is alive
	}
	endOrphans(path)
	releaseSharedMemory(path)
	_ = removeAll(path)
}

func ownedByUs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// endOrphans ends the children that outlived the owner of the directory. An old process number may now belong to
// another process, so it ends only processes with the directory in their command line.
func endOrphans(path string) {
	notes, err := filepath.Glob(filepath.Join(path, "*.pid"))
	if err != nil {
		return
	}
	for _, note := range notes {
		b, err := os.ReadFile(note)
		if err != nil {
			continue
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
		if err != nil || pid <= 1 {
			continue
		}
		endOrphan(pid, path)
	}
}

func endOrphan(pid int, path string) {
	still := func() bool { return strings.Contains(commandLine(pid), path) }
	// On SIGQUIT PostgreSQL stops at once together with its own children.
	for _, end := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGKILL} {
		if !still() || syscall.Kill(pid, end) != nil {
			return
		}
		for deadline := time.Now().Add(stopGrace); still() && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond)
		}
	}
}
