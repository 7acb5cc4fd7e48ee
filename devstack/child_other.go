//go:build unix && !linux

package devstack

import "syscall"

// dieWithParent does nothing here: only Linux tells a child of its parent's death.
// The Temporal server notices by its standard input being closed; a PostgreSQL is
// ended by the sweep of the next start.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}
