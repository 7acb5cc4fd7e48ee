package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"

	"kapflow/output"
)

type backupWriteCommand struct {
	File string   `arg:"" help:"The new file." type:"path"`
	To   []string `required:"" help:"Who can decrypt it: the names that starter backup key printed, such as age1…."`
}

// Run encrypts standard input.
func (c backupWriteCommand) Run(t terminal) error { return c.from(t, os.Stdin) }

func (c backupWriteCommand) from(t terminal, in io.Reader) error {
	var to []age.Recipient
	for _, name := range c.To {
		recipient, err := age.ParseX25519Recipient(name)
		if err != nil {
			return usageError{errors.New("--to is not a key for backups; make one with starter backup key")}
		}
		to = append(to, recipient)
	}
	var read int64
	err := output.NewStream(c.File, func(out io.Writer) error {
		sealed, err := age.Encrypt(out, to...)
		if err != nil {
			return err
		}
		if read, err = io.Copy(sealed, in); err != nil {
			return err
		}
		if read == 0 {
			return usageError{errors.New("nothing came by standard input, so no backup was written")}
		}
		return sealed.Close()
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "Encrypted %d bytes into %s.\n", read, c.File)
	return err
}
