package main

import (
	"fmt"

	"filippo.io/age"

	"kapflow/output"
)

// backupCommand has the commands for encrypted backups. They need no database and no person: what they read and write is a
// backup that the machine's owner made.
type backupCommand struct {
	Key   backupKeyCommand   `cmd:"" help:"Make a key for backups: a file to keep away from this machine, and the name to encrypt to."`
	Write backupWriteCommand `cmd:"" help:"Encrypt a backup from standard input into a new file that only its owner can read."`
	Read  backupReadCommand  `cmd:"" help:"Decrypt a backup into a new file that only its owner can read."`
}

type backupKeyCommand struct {
	File string `arg:"" help:"The new file of the key." type:"path"`
}

// Run makes a key and prints its public name.
func (c backupKeyCommand) Run(t terminal) error {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	if err := output.NewFile(c.File, []byte(key.String()+"\n")); err != nil {
		return usageError{err}
	}
	_, err = fmt.Fprintf(t.out, "Encrypt backups to: %s\nKeep %s away from this machine and from the backups. Without it no backup can be read.\n", key.Recipient(), c.File)
	return err
}
