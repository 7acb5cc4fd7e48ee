package output

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// ErrTaken says that a file of that name is there already with other contents. It is never written over: it may be another
// client's.
var ErrTaken = errors.New("is there already and holds something else; choose another name, or move it away first")

// ErrNotEmpty says that the place for a directory has something in it already.
var ErrNotEmpty = errors.New("is there already and not empty; choose a new directory")

// ErrNoRoom says that the disk of a file is full. Nothing of the file is left.
var ErrNoRoom = errors.New("nothing was written, because its disk is full; make room there, or choose another place")

// noted says of a full disk what it means for the file or directory that somebody asked for.
func noted(path string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%s: %w (%w)", path, ErrNoRoom, err)
	}
	return err
}

// NewFile writes a file that only its owner can read. It appears whole or not at all. If there is a file of that name, it must
// hold the same bytes; the error is ErrTaken otherwise.
func NewFile(path string, body []byte) error { return noted(path, newFile(path, body)) }

func newFile(path string, body []byte) error {
	return writeFile(path, body, func(draft string) error {
		err := os.Link(draft, path) // unlike a rename it fails if the name is taken
		if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
			err = copyExclusive(draft, path) // a medium without links, such as FAT
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		there, readErr := os.ReadFile(path)
		if readErr != nil || !bytes.Equal(there, body) {
			return fmt.Errorf("%s %w", path, ErrTaken)
		}
		return os.Chmod(path, 0o600) // it may be open to others
	})
}

// copyExclusive copies a draft to a path at which nothing is, and leaves nothing there if it fails.
func copyExclusive(draft, path string) error {
	body, err := os.ReadFile(draft)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(body)
	if err = errors.Join(err, file.Close()); err != nil {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// ReplaceFile is NewFile for a file that a program keeps for itself: it takes the place of what was there.
func ReplaceFile(path string, body []byte) error {
	return noted(path, writeFile(path, body, func(draft string) error { return os.Rename(draft, path) }))
}

// writeFile writes a draft beside the path, has it put in its place, and leaves no draft behind.
func writeFile(path string, body []byte, place func(draft string) error) error {
	return draftFile(path, func(out io.Writer) error {
		_, err := out.Write(body)
		return err
	}, place)
}

// draftFile is writeFile for a body that write writes.
func draftFile(path string, write func(io.Writer) error, place func(draft string) error) (err error) {
	draft, err := os.CreateTemp(filepath.Dir(path), ".draft-*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if gone := os.Remove(draft.Name()); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	err = write(draft)
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	return place(draft.Name())
}

// NewStream is NewFile for what is too large to hold: write writes it. The error is ErrTaken if anything of that name is there.
func NewStream(path string, write func(io.Writer) error) error {
	return noted(path, draftFile(path, write, func(draft string) error {
		err := os.Link(draft, path)
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s %w", path, ErrTaken)
		}
		return err
	}))
}

// File is one file of a directory.
type File struct {
	Name string
	Body []byte
}

// MayMake says whether a directory can be made: it is not there, or empty. The error is ErrNotEmpty otherwise.
func MayMake(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && len(entries) > 0:
		return fmt.Errorf("%s %w", dir, ErrNotEmpty)
	default:
		return err
	}
}

// NewDirectory writes files into a directory of their own that only its owner can read. It appears whole or not at all.
func NewDirectory(dir string, files []File) error {
	dir = filepath.Clean(dir)
	return noted(dir, newDirectory(dir, files))
}

func newDirectory(dir string, files []File) (err error) {
	if err := MayMake(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	draft, err := os.MkdirTemp(filepath.Dir(dir), ".draft-*") // 0700
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(draft))
		}
	}()
	for _, f := range files {
		if err := newFile(filepath.Join(draft, f.Name), f.Body); err != nil {
			return err
		}
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty one, whose mode may be wider
		return err
	}
	return os.Rename(draft, dir)
}
