package devstack

import "syscall"

// dieWithParent tells the system to send signal to the child when its parent dies in any way.
func dieWithParent(attr *syscall.SysProcAttr, signal syscall.Signal) {
	attr.Pdeathsig = signal
}
