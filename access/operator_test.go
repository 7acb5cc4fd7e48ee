package access

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kapflow/care/person"
)

// TestOperatorsActForWhomTheyAreMappedTo and for nobody else.
func TestOperatorsActForWhomTheyAreMappedTo(t *testing.T) {
	t.Parallel()
	o := Operators{people: map[string][]string{"ann": {"ann"}, "desk": {"ann", "kim"}, "old": {"ghost"}, "none": {}}}
	for name, x := range map[string]struct{ login, as, id, says string }{
		"TheOnlyOne":         {"ann", "", "ann", ""},
		"TheOnlyOneByName":   {"ann", "ann", "ann", ""},
		"AnotherPerson":      {"ann", "dr-stone", "", "may not act for dr-stone"},
		"OneOfTwo":           {"desk", "kim", "kim", ""},
		"NeitherOfTwo":       {"desk", "", "", "--as ann or --as kim"},
		"WhoLeft":            {"old", "", "", `nobody with the id "ghost"`},
		"AUserWithoutALine":  {"eve", "", "", `such as "eve: [ID]"`},
		"AUserWithoutPeople": {"none", "kim", "", "acts for nobody"},
		"InOtherLetters":     {"ann", "ANN", "", "may not act for ANN"},
		"AMachine":           {"ann", "system", "", "may not act for system"},
	} {
		p, err := o.person(house(), x.login, x.as)
		if x.says == "" && (err != nil || p.ID() != x.id || p.Login() != x.login || p.Via() != ViaOperator) {
			t.Errorf("%s: %v, %v", name, p, err)
		}
		if x.says != "" && (err == nil || !strings.Contains(err.Error(), x.says) || len(p.Roles()) > 0 || p.Login() != x.login) {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	if p, _ := o.person(house(), "desk", "kim"); !slices.Contains(p.Roles(), person.Owner) {
		t.Errorf("roles %v", p.Roles())
	}
}

// TestOperatorsFileIsReadOnlyIfNobodyElseCanWriteIt goes through owners and modes of the file and its directory. Files in a test
// belong to whoever runs it, who stands for root.
func TestOperatorsFileIsReadOnlyIfNobodyElseCanWriteIt(t *testing.T) {
	t.Parallel()
	me := uint32(os.Getuid())
	for name, x := range map[string]struct {
		dir, file os.FileMode
		owner     uint32
		text      string
		says      string // a part of the error, the remedy included
	}{
		"InOrder":         {0o755, 0o644, me, "ann: [ann]\n", ""},
		"ForRootOnly":     {0o700, 0o600, me, "ann: [ann]\n", ""},
		"Empty":           {0o755, 0o644, me, "", ""},
		"GroupMayWrite":   {0o755, 0o664, me, "ann: [ann]\n", "chmod 644"},
		"OthersMayWrite":  {0o755, 0o646, me, "ann: [ann]\n", "chmod 644"},
		"DirectoryOfAll":  {0o777, 0o644, me, "ann: [ann]\n", "chmod go-w"},
		"DirectoryOfTeam": {0o775, 0o644, me, "ann: [ann]\n", "chmod go-w"},
		"StickyDirectory": {0o777 | os.ModeSticky, 0o644, me, "ann: [ann]\n", ""},
		"OfAnotherUser":   {0o755, 0o644, me + 1, "ann: [ann]\n", "chown root"},
		"NoLists":         {0o755, 0o644, me, "ann: ann\n", "a line for each user"},
		"TheSameTwice":    {0o755, 0o644, me, "ann: [ann]\nann: [kim]\n", "a line for each user"},
	} {
		dir := filepath.Join(t.TempDir(), "etc")
		path := filepath.Join(dir, "operators.yaml")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(x.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, x.file); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, x.dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Dir(dir), 0o700); err != nil { // whatever the umask is
			t.Fatal(err)
		}
		o, err := readOperators(path, x.owner)
		if x.says == "" && err != nil || x.says != "" && (err == nil || !strings.Contains(err.Error(), x.says)) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && len(o.people) > 0 {
			t.Errorf("%s: read all the same", name)
		}
	}
	missing := filepath.Join(t.TempDir(), "operators.yaml")
	if _, err := readOperators(missing, me); err == nil || !strings.Contains(err.Error(), "As root, write it with a line such as") {
		t.Errorf("missing: %v", err)
	}
}

// TestAnOperatorsFileThatALinkLeadsToIsCheckedWhereItIs: a link in a safe directory does not make a file safe.
func TestAnOperatorsFileThatALinkLeadsToIsCheckedWhereItIs(t *testing.T) {
	t.Parallel()
	open := filepath.Join(t.TempDir(), "open.yaml")
	if err := os.WriteFile(open, []byte("ann: [ann]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o666); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "operators.yaml")
	if err := os.Symlink(open, link); err != nil {
		t.Fatal(err)
	}
	if _, err := readOperators(link, uint32(os.Getuid())); err == nil || !strings.Contains(err.Error(), open) {
		t.Errorf("read through the link: %v", err)
	}
}

// TestAnOperatorsFileIsOnADisk: a user chooses the name of a program, and /proc shows it in a file that may belong to root.
func TestAnOperatorsFileIsOnADisk(t *testing.T) {
	t.Parallel()
	if _, err := readOperators("/proc/self/comm", uint32(os.Getuid())); err == nil || !strings.Contains(err.Error(), "not a file on a disk") {
		t.Errorf("%v", err)
	}
}

// TestTheEnvironmentDoesNotNameTheUser who runs the program.
func TestTheEnvironmentDoesNotNameTheUser(t *testing.T) {
	was := Login()
	t.Setenv("USER", "dr-stone")
	t.Setenv("LOGNAME", "dr-stone")
	if got := Login(); got != was || got == "" || got == "dr-stone" {
		t.Errorf("%q, was %q", got, was)
	}
}

// TestAUserWithoutANameHasTheSameLoginOnEveryEngine: Docker gives the user of a container no name, podman its number for a name.
func TestAUserWithoutANameHasTheSameLoginOnEveryEngine(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"": "uid 65532", "65532": "uid 65532", "ann": "ann"} {
		if got := loginOf("65532", name); got != want {
			t.Errorf("the login of a user named %q is %q", name, got)
		}
	}
}
