package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"

	"kapflow/output"
)

type backupReadCommand struct {
	File string `arg:"" help:"The encrypted backup." type:"existingfile"`
	Into string `arg:"" help:"The new file for what was in it." type:"path"`
	Key  string `required:"" help:"The file of the key." type:"existingfile"`
}

// Run decrypts a backup. One that was changed or cut off gives no file.
func (c backupReadCommand) Run(t terminal) error {
	keyFile, err := os.Open(c.Key)
	if err != nil {
		return usageError{err}
	}
	defer func() { _ = keyFile.Close() }()
	keys, err := age.ParseIdentities(keyFile)
	if err != nil {
		return usageError{fmt.Errorf("%s holds no key for backups", c.Key)} // the library's error may quote it
	}
	sealed, err := os.Open(c.File)
	if err != nil {
		return usageError{err}
	}
	defer func() { _ = sealed.Close() }()
	in, err := age.Decrypt(sealed, keys...)
	var other *age.NoIdentityMatchError
	switch {
	case errors.As(err, &other):
		return usageError{fmt.Errorf("%s was encrypted to another key", c.File)}
	case err != nil:
		return usageError{fmt.Errorf("%s is not an encrypted backup, or it was changed", c.File)}
	}
	if err := output.NewStream(c.Into, func(out io.Writer) error {
		_, err := io.Copy(out, in)
		return err
	}); errors.Is(err, output.ErrNoRoom) {
		return err
	} else if err != nil {
		return usageError{fmt.Errorf("nothing was written: %w", err)}
	}
	_, err = fmt.Fprintf(t.out, "Decrypted %s into %s. It holds health data: delete it once it is restored.\n", c.File, c.Into)
	return err
}
