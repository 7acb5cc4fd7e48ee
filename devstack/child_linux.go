package devstack

import "syscall"

// dieWithParent has the system send signal to the child when its parent dies,
// whatever that death was.
func dieWithParent(attr *syscall.SysProcAttr, signal syscall.Signal) {
	attr.Pdeathsig = signal
}
