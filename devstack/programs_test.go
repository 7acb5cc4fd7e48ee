package devstack

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// installFake puts files that look like the named programs into dir.
func installFake(t *testing.T, dir string, names ...string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// openTempDir is a directory that every account can enter.
func openTempDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFindPrograms(t *testing.T) {
	t.Parallel()
	root := openTempDir(t)
	for _, version := range []string{"9.6", "14", "16"} {
		installFake(t, filepath.Join(root, "postgresql", version, "bin"), "initdb", "postgres")
	}
	// A newer version that was installed for its clients only.
	installFake(t, filepath.Join(root, "postgresql", "17", "bin"), "psql")
	installFake(t, filepath.Join(root, "path"), "initdb", "postgres")
	pattern := filepath.Join(root, "postgresql", "*", "bin")

	for name, c := range map[string]struct {
		dirs, patterns []string
		want           string
	}{
		"newest that has both":           {nil, []string{pattern}, "postgresql/16/bin"},
		"PATH goes first":                {[]string{filepath.Join(root, "path")}, []string{pattern}, "path"},
		"patterns go in order":           {nil, []string{filepath.Join(root, "pa*"), pattern}, "path"},
		"half an installation is passed": {[]string{filepath.Join(root, "postgresql/17/bin")}, []string{pattern}, "postgresql/16/bin"},
		"none":                           {[]string{filepath.Join(root, "nowhere")}, nil, ""},
	} {
		found, ok := findPrograms(c.dirs, c.patterns)
		if ok != (c.want != "") {
			t.Errorf("%s: found %v", name, ok)
			continue
		}
		if want := filepath.Join(root, c.want, "postgres"); ok && found.server != want {
			t.Errorf("%s: found %s, want %s", name, found.server, want)
		}
	}
}

func TestFindProgramsPassesThoseTheAccountCannotReach(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Log("only root runs PostgreSQL as another account")
		return
	}
	dir := filepath.Join(openTempDir(t), "private", "bin")
	installFake(t, dir, "initdb", "postgres")
	if err := os.Chmod(filepath.Dir(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	if found, ok := findPrograms([]string{dir}, nil); ok {
		t.Errorf("found %s, which the account that runs it cannot reach", found.server)
	}
}

func TestDownloadFails(t *testing.T) {
	t.Parallel()
	empty := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(empty.Close)
	home := filepath.Join(openTempDir(t), "postgres")
	err := download(empty.URL, home)
	if err == nil || !strings.Contains(err.Error(), string(downloadVersion)) {
		t.Errorf("error %v does not name the version", err)
	}
	for _, path := range []string{home, home + ".downloading"} {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is left", path)
		}
	}

	empty.Close()
	if err := reachable(t.Context(), empty.URL); err == nil {
		t.Error("a repository that is not there is reachable")
	}
}
