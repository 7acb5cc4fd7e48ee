package devstack

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeGo puts a go command on PATH that counts its calls in a file and runs script, and empties the cache of built
// servers. It returns the paths of both. Modules come from the real command.
func fakeGo(t *testing.T, script string) (calls, cache string) {
	t.Helper()
	dir := t.TempDir()
	real, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	modules, err := exec.Command(real, "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	calls, cache = filepath.Join(dir, "calls"), filepath.Join(dir, "cache")
	text := "#!/bin/sh\n[ \"$1\" = mod ] && GOMODCACHE=" + strings.TrimSpace(string(modules)) + " GOCACHE=" + dir + " exec " + real + " \"$@\"\necho \"$@\" >> " + calls + "\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("XDG_CACHE_HOME", cache) // Linux
	t.Setenv("HOME", cache)           // macOS
	return calls, cache
}

// leftInCache lists what is in the cache, except locks.
func leftInCache(t *testing.T) []string {
	t.Helper()
	dir, err := cacheDir()
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, path := range found {
		if !strings.HasSuffix(path, ".lock") {
			left = append(left, filepath.Base(path))
		}
	}
	return left
}

// makeProgram writes a program to the third argument of "go build -o FILE".
const makeProgram = `printf '#!/bin/sh\n' > "$3"; chmod +x "$3"`

func TestServerIsBuiltOnce(t *testing.T) {
	calls, _ := fakeGo(t, makeProgram)
	if must, err := (Options{}).MustBuild(); !must || err != nil {
		t.Errorf("before the build it says %t, %v", must, err)
	}
	if must, err := (Options{TemporalAddress: "localhost:7233"}).MustBuild(); must || err != nil {
		t.Errorf("with a server of one's own it says %t, %v", must, err)
	}
	var told strings.Builder
	out := newProgress(&told)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			binary, err := temporalBinary(t.Context(), out)
			if err != nil || !isFile(binary) {
				t.Errorf("got %q, %v", binary, err)
			}
		})
	}
	all.Wait()
	if must, err := (Options{}).MustBuild(); must || err != nil {
		t.Errorf("after the build it says %t, %v", must, err)
	}
	b, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(b), "build -o"); got != 1 {
		t.Errorf("built %d times: %s", got, b)
	}
	if !strings.Contains(told.String(), "Building the embedded Temporal server") {
		t.Errorf("nobody was told of the build: %q", told.String())
	}
}

func TestServerBuildFails(t *testing.T) {
	fakeGo(t, "echo cannot find module >&2; exit 1")
	_, err := temporalBinary(t.Context(), newProgress(nil))
	if err == nil || !strings.Contains(err.Error(), "cannot find module") {
		t.Errorf("error %v does not say what go said", err)
	}
	if left := leftInCache(t); len(left) > 0 {
		t.Errorf("left in the cache: %v", left)
	}
}

func TestServerBuildCalledOff(t *testing.T) {
	calls, _ := fakeGo(t, "sleep 1000 & wait")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for tick := time.Tick(5 * time.Millisecond); !isFile(calls); {
			<-tick
		}
		cancel()
	}()
	if _, err := temporalBinary(ctx, newProgress(nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if left := leftInCache(t); len(left) > 0 {
		t.Errorf("left in the cache: %v", left)
	}
}

func TestServerGivenByVariable(t *testing.T) {
	t.Setenv(serverVariable, filepath.Join(t.TempDir(), "none"))
	if _, err := temporalBinary(t.Context(), newProgress(nil)); err == nil || !strings.Contains(err.Error(), serverVariable) {
		t.Errorf("error %v does not name %s", err, serverVariable)
	}
	t.Setenv(serverVariable, os.Args[0])
	if got, err := temporalBinary(t.Context(), newProgress(nil)); err != nil || got != os.Args[0] {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestSourceVersion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	version := func() string {
		t.Helper()
		v, err := sourceVersion(dir)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	write("go.mod", "module m")
	write("main.go", "package main")
	first := version()
	write("main_test.go", "package main")
	write("notes.md", "# Notes")
	if version() != first {
		t.Error("what is not built changes the version")
	}
	seen := map[string]string{first: "first"}
	for _, change := range []struct{ name, content string }{
		{"go.sum", ""}, {"go.sum", "m v1"}, {"go.mod", "module n"}, {"main.go", "package  main"}, {"more.go", ""},
	} {
		write(change.name, change.content)
		v := version()
		if before, ok := seen[v]; ok {
			t.Errorf("changing %s to %q gives the version of %s", change.name, change.content, before)
		}
		seen[v] = change.name
	}
}
