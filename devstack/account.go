package devstack

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// account is the user that a child runs as. Nil means the current user.
type account struct {
	uid, gid int
}

// unprivileged returns the account for PostgreSQL, which refuses to run as root. Root's servers run as the account that
// the system's own package made for them, or else as nobody.
func unprivileged() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	var failed []error
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		uid, uidErr := strconv.Atoi(found.Uid)
		gid, gidErr := strconv.Atoi(found.Gid)
		if err := errors.Join(uidErr, gidErr); err != nil || uid == 0 {
			failed = append(failed, fmt.Errorf("account %s: uid %s, gid %s", name, found.Uid, found.Gid))
			continue
		}
		return &account{uid: uid, gid: gid}, nil
	}
	return nil, fmt.Errorf("PostgreSQL cannot run as root, and there is no account to run it as: create one named postgres: %w", errors.Join(failed...))
}

// attributes makes a child run as the account.
func (a *account) attributes() *syscall.SysProcAttr {
	if a == nil {
		return &syscall.SysProcAttr{}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}}
}

// own gives a file or directory to the account.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}
