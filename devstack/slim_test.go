package devstack

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The embedded Temporal server is built without the clients of clouds. A new version of Temporal may bring them in another way.
func TestTheServerHasNoClientsOfClouds(t *testing.T) {
	t.Parallel()
	modfile, err := slim(t.Context(), "server", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-mod=readonly", "-modfile="+modfile, "-deps", ".")
	cmd.Dir, cmd.Env = "server", append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(out))
	if len(packages) < 500 {
		t.Errorf("%d packages only", len(packages))
	}
	for _, p := range packages {
		for _, cloud := range []string{"github.com/aws/", "cloud.google.com/", "k8s.io/", "google.golang.org/api/", "github.com/envoyproxy/"} {
			if strings.HasPrefix(p, cloud) {
				t.Errorf("the server has %s", p)
			}
		}
	}
}

// What is left out must be there: otherwise a new version would have it under another name.
func TestWhatIsLeftOutMustBeThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "here.go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := leftOut{".", []string{"here.go", "gone*.go"}, ""}.leaveOut(dir, dir)
	if err == nil || !strings.Contains(err.Error(), "gone*.go") {
		t.Errorf("got %v", err)
	}
}

// A line is put in where it belongs: if Temporal's file changes, the build fails and says what to look at.
func TestWhatIsMendedMustBeThereOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "here.go")
	m := mending{"here.go", "\tgo()\n", "\tready()\n"}
	for body, want := range map[string]string{
		"{\n\tgo()\n}\n":         "{\n\tready()\n\tgo()\n}\n",
		"{\n}\n":                 "",
		"{\n\tgo()\n\tgo()\n}\n": "",
	} {
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		err := m.mend(dir)
		got, readErr := os.ReadFile(path)
		if readErr != nil {
			t.Fatal(readErr)
		}
		switch {
		case want == "" && (err == nil || string(got) != body):
			t.Errorf("%q became %q: %v", body, got, err)
		case want != "" && (err != nil || string(got) != want):
			t.Errorf("%q became %q: %v", body, got, err)
		}
	}
}
