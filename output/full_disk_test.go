package output_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"kapflow/output"
)

// writersOfFiles are all ways to write a file or a directory, called with more than there is room for.
var writersOfFiles = map[string]func(path string, body []byte) error{
	"NewFile":     output.NewFile,
	"ReplaceFile": output.ReplaceFile,
	"NewStream": func(path string, body []byte) error {
		return output.NewStream(path, func(w io.Writer) error {
			_, err := w.Write(body)
			return err
		})
	},
	"NewDirectory": func(path string, body []byte) error {
		return output.NewDirectory(path, []output.File{{Name: "small", Body: []byte("x")}, {Name: "record.html", Body: body}})
	},
}

// TestFullDiskLeavesNoHalfFile: whatever is written to a disk without room says so, with the path that was asked for, and leaves
// nothing behind; what was there before stays as it was. After somebody made room it is written.
func TestFullDiskLeavesNoHalfFile(t *testing.T) {
	t.Parallel()
	for name, write := range writersOfFiles {
		// The subtests run one after another. Each starts programs (mount), and a program that starts holds every open file of this process
		// for a moment. A file that another subtest removes then would still take up room.
		t.Run(name, func(t *testing.T) {
			disk := smallDisk(t)
			path, body := filepath.Join(disk, "out"), []byte(strings.Repeat("a client's name ", 20_000)) // 320 kB
			if name == "ReplaceFile" {
				if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			before := names(t, disk)
			for _, left := range []int{0, 64 << 10, 192 << 10} {
				fill(t, disk, left)
				err := write(path, body)
				if !errors.Is(err, output.ErrNoRoom) || !strings.HasPrefix(err.Error(), path+": nothing was written, because its disk is full") {
					t.Errorf("with %d bytes left: %v", left, err)
				}
				if err := os.Remove(filepath.Join(disk, "filler")); err != nil {
					t.Fatal(err)
				}
				if after := names(t, disk); after != before {
					t.Errorf("with %d bytes left it leaves %s, before %s", left, after, before)
				}
			}
			if kept, err := os.ReadFile(path); name == "ReplaceFile" && string(kept) != "before" {
				t.Errorf("what was there before is %q: %v", kept, err)
			}
			if err := write(path, body); err != nil {
				t.Errorf("with room: %v", err)
			}
		})
	}
}

// smallDisk mounts a filesystem of a megabyte. Without the right to mount, the test is skipped.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("this needs a small disk, and this user may not mount one: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "umount", dir).CombinedOutput(); err != nil {
			t.Errorf("the small disk is still there: %v: %s", err, out)
		}
	})
	return dir
}

// fill leaves so many bytes free.
func fill(t *testing.T, disk string, left int) {
	t.Helper()
	var free syscall.Statfs_t
	if err := syscall.Statfs(disk, &free); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(disk, "filler"), make([]byte, int(free.Bavail)*int(free.Bsize)-left), 0o600); err != nil {
		t.Fatal(err)
	}
}

// names lists every file below a directory with its size.
func names(t *testing.T, dir string) (all string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() && path == dir {
			return err
		}
		info, err := d.Info()
		all += fmt.Sprintf("%s %d ", path, info.Size())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}
