//go:build unix && !linux

package devstack

import "syscall"

// dieWithParent does nothing here, because only Linux reports a parent's death to its child. The Temporal server
// notices that its standard input is closed. A PostgreSQL is ended by the sweep of the next start.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}
