package devstack

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
)

// serverModule is the directory of the embedded Temporal server's sources in the checkout. They cannot be embedded in
// this package, because go:embed does not reach into a nested module.
const serverModule = "devstack/server"

// serverSource finds the sources of the embedded Temporal server, in the checkout around the working directory, or else
// in the one that this package was compiled from.
func serverSource() (string, error) {
	cwd, err := os.Getwd()
	if err != nil {
		return "", err
	}
	starts := []string{cwd}
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		starts = append(starts, filepath.Dir(file))
	}
	for _, start := range starts {
		root, ok := moduleRoot(start)
		if !ok {
			continue
		}
		source := filepath.Join(root, filepath.FromSlash(serverModule))
		if _, err := os.Stat(filepath.Join(source, "go.mod")); err == nil {
			return source, nil
		}
	}
	return "", fmt.Errorf("the sources of the embedded Temporal server (%s) were not found from %s: "+
		"run this inside the Kapflow checkout, or set %s to a built server, or TEMPORAL_ADDRESS to a running one",
		serverModule, cwd, serverVariable)
}

// moduleRoot goes up from dir to the directory of Kapflow's go.mod.
func moduleRoot(dir string) (string, bool) {
	for {
		if declaresKapflow(filepath.Join(dir, "go.mod")) {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

func declaresKapflow(goMod string) bool {
	f, err := os.Open(goMod)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "module "); ok {
			return strings.TrimSpace(name) == "kapflow"
		}
	}
	return false
}

// sourceVersion identifies what the sources in dir are built into. It changes with the sources, their dependencies, the
// Go version and the platform.
func sourceVersion(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return "", err
	}
	slim, err := filepath.Glob(filepath.Join(dir, "slim", "*.go.txt"))
	if err != nil {
		return "", err
	}
	files = append(files, slim...)
	sort.Strings(files)
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version(), runtime.GOOS, runtime.GOARCH, buildFlags, slimModules, mended)
	for _, file := range files {
		if !isSource(file) {
			continue
		}
		if err := addFile(sum, file); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], nil
}

func isSource(file string) bool {
	switch filepath.Base(file) {
	case "go.mod", "go.sum":
		return true
	}
	return strings.HasSuffix(file, ".go.txt") || strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go")
}

// addFile adds a file's name and content to a hash, separated by their lengths.
func addFile(sum io.Writer, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return errors.Join(errors.New("read the server's sources"), err)
	}
	fmt.Fprintf(sum, "%q %d\n", filepath.Base(file), len(content))
	_, err = sum.Write(content)
	return err
}
