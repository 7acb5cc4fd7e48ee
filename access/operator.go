package access

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"

	"kapflow/care/policy"
)

// OperatorsFile is where the operators file is unless a setting names another place.
const OperatorsFile = "/etc/kapflow/operators.yaml"

// Operators says for which people of the practice each operating-system user may act. Only ReadOperators makes one with entries.
type Operators struct {
	file   string
	people map[string][]string // operating-system user → ids
}

// mostOperators is the largest size of an operators file, in bytes.
const mostOperators = 1 << 20

// root is the user id that owns what only root can write.
const root = 0

// ReadOperators reads the operators file: a list of ids for each operating-system user. It refuses a file that anybody but root
// can write, or whose directories others can write, because whoever can write it can be anybody.
func ReadOperators(path string) (Operators, error) { return readOperators(path, root) }

func readOperators(path string, owner uint32) (Operators, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Operators{}, fmt.Errorf("find the operators file: %w", err)
	}
	if path, err = filepath.EvalSymlinks(path); errors.Is(err, fs.ErrNotExist) {
		return Operators{}, fmt.Errorf("there is no operators file (%w). It says for whom each user of this machine acts. As root, write it with a line such as \"%s: [ID]\", with ids of the practice file's staff", err, Login())
	} else if err != nil {
		return Operators{}, fmt.Errorf("read the operators file: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return Operators{}, fmt.Errorf("read the operators file: %w", err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat() // of the file that is read, not of one put in its place
	if err != nil {
		return Operators{}, fmt.Errorf("read the operators file: %w", err)
	}
	if err := safeFile(path, info, owner); err != nil {
		return Operators{}, err
	}
	body, err := io.ReadAll(io.LimitReader(file, mostOperators))
	if err != nil {
		return Operators{}, fmt.Errorf("read the operators file: %w", err)
	}
	// HAZARD: the caller's environment names the file. /proc has files that belong to root and hold what any user likes, such as the
	// name of a program; their size is 0.
	if int64(len(body)) != info.Size() {
		return Operators{}, fmt.Errorf("%s is not a file on a disk; write the operators file to %s", path, OperatorsFile)
	}
	o := Operators{file: path, people: map[string][]string{}}
	dec := yaml.NewDecoder(bytes.NewReader(body))
	if err := dec.Decode(&o.people); err != nil && !errors.Is(err, io.EOF) {
		return Operators{}, fmt.Errorf("%s must have a line for each user of this machine, such as \"ann: [coordinator]\": %w", path, err)
	}
	return o, nil
}

// safeFile refuses a file that others can write or replace.
func safeFile(path string, info fs.FileInfo, owner uint32) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", path)
	}
	if uid := ownerOf(info); uid != owner {
		return fmt.Errorf("%s belongs to the user with number %d and not to root, so that user could act for anybody. As root: chown root %s && chmod 644 %s", path, uid, path, path)
	}
	if info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s can be written by others than root (%v), who could act for anybody. As root: chmod 644 %s", path, info.Mode().Perm(), path)
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("read the operators file: %w", err)
		}
		// In a sticky directory such as /tmp nobody can replace what root owns.
		if info.Mode().Perm()&0o022 != 0 && info.Mode()&fs.ModeSticky == 0 {
			return fmt.Errorf("%s can be written by others than root (%v), who could replace %s. As root: chmod go-w %s", dir, info.Mode().Perm(), path, dir)
		}
		if uid := ownerOf(info); uid != owner && uid != root {
			return fmt.Errorf("%s belongs to the user with number %d and not to root, so that user could replace %s. As root: chown root %s", dir, uid, path, dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

func ownerOf(info fs.FileInfo) uint32 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Uid
	}
	return ^uint32(0)
}

// Login is the name of the operating-system user who runs this program; its number, as "uid 1000", if it has no name. The
// environment has no say in it.
func Login() string {
	uid := strconv.Itoa(os.Getuid())
	u, err := user.LookupId(uid)
	if err != nil {
		return loginOf(uid, "")
	}
	return loginOf(uid, u.Username)
}

// loginOf is the login of a user by number and name. Podman names the user of a container by its number, and Docker gives it no name.
func loginOf(uid, name string) string {
	if name == "" || name == uid {
		return "uid " + uid
	}
	return name
}

// FromOperator is the person for whom the operating-system user who runs this program acts: the one named in as, or the only one
// there is. The role follows from the practice file. With an error the Person has no role and may do nothing; it says for the
// audit log who tried.
func FromOperator(staff policy.Policy, o Operators, as string) (Person, error) {
	return o.person(staff, Login(), as)
}

// Stranger is an operating-system user who could not be taken for anybody. They may do nothing.
func Stranger() Person { return Person{via: ViaOperator, login: Login()} }

func (o Operators) person(staff policy.Policy, login, as string) (Person, error) {
	people := o.people[login]
	stranger := Person{via: ViaOperator, login: login}
	switch {
	case len(people) == 0:
		return stranger, fmt.Errorf("the user %s of this machine acts for nobody in %s. As root, add a line such as \"%s: [ID]\", with an id of the practice file's staff", login, o.place(), login)
	case as == "" && len(people) > 1:
		return stranger, fmt.Errorf("say who you are: --as %s", strings.Join(people, " or --as "))
	case as == "":
		as = people[0]
	case !slices.Contains(people, as):
		return stranger, fmt.Errorf("the user %s of this machine may not act for %s. %s allows %s. As root, add %s there if that is right", login, as, o.place(), strings.Join(people, " and "), as)
	}
	m, err := listed(staff, as)
	if err != nil {
		return stranger, err
	}
	return Person{id: m.ID, roles: m.Roles, via: ViaOperator, login: login}, nil
}

func (o Operators) place() string {
	if o.file == "" {
		return "the operators file"
	}
	return o.file
}
