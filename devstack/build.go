package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// serverVariable names a built Temporal server to use in place of building one.
const serverVariable = "KAPFLOW_TEMPORAL_SERVER"

// buildFlags make the build reproducible on every machine: without a C compiler, without the paths of this checkout,
// and with the pinned dependencies. Leaving out debug information reduces the size by a quarter.
var buildFlags = []string{"-trimpath", "-mod=readonly", "-buildvcs=false", "-ldflags=-s -w"}

// unused is how long a built server is kept after its last start.
const unused = 30 * 24 * time.Hour

// temporalBinary returns the embedded Temporal server. It builds this version if this machine does not have it.
func temporalBinary(ctx context.Context, out *progress) (string, error) {
	if given := os.Getenv(serverVariable); given != "" {
		if _, err := exec.LookPath(given); err != nil {
			return "", fmt.Errorf("%s is not a program: %w", serverVariable, err)
		}
		return given, nil
	}
	source, home, err := serverHome()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(home, "server")
	if isFile(binary) {
		// For prune. An error does not matter.
		_ = os.Chtimes(home, time.Time{}, time.Now())
		return binary, nil
	}
	release, err := waitLock(ctx, home+".lock", func() {
		fmt.Fprintln(out, "Another process is building the embedded Temporal server; waiting for it.")
	})
	if err != nil {
		return "", err
	}
	defer release()
	if isFile(binary) {
		return binary, nil // another process built it
	}
	if err := buildServer(ctx, out, source, home); err != nil {
		return "", err
	}
	pruneServers(filepath.Dir(home), home)
	return binary, nil
}

// MustBuild says whether Start has to build the embedded Temporal server first, which takes minutes.
func (o Options) MustBuild() (bool, error) {
	if o.TemporalAddress != "" || os.Getenv(serverVariable) != "" {
		return false, nil
	}
	_, home, err := serverHome()
	return err == nil && !isFile(filepath.Join(home, "server")), err
}

// serverHome gives the sources of the embedded Temporal server and the directory where this version of it is kept once it is built.
func serverHome() (source, home string, err error) {
	if source, err = serverSource(); err != nil {
		return "", "", err
	}
	version, err := sourceVersion(source)
	if err != nil {
		return "", "", err
	}
	cache, err := cacheDir()
	return source, filepath.Join(cache, "temporal-"+version), err
}

// cacheDir is the directory for what is built or downloaded once.
func cacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place to keep built programs: set HOME or XDG_CACHE_HOME: %w", err)
	}
	return filepath.Join(dir, "kapflow"), nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// buildServer builds source into home, which appears when it is complete.
func buildServer(ctx context.Context, out *progress, source, home string) error {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("the embedded Temporal server has to be built once, and the go command is not on PATH: "+
			"install Go, or set %s to a built server, or TEMPORAL_ADDRESS to a running one: %w", serverVariable, err)
	}
	// Remove the rest of an interrupted build.
	work := home + ".building"
	finished, scratch := filepath.Join(work, "done"), filepath.Join(work, "tmp")
	if err := errors.Join(os.RemoveAll(work), os.MkdirAll(finished, 0o755), os.MkdirAll(scratch, 0o755)); err != nil {
		return err
	}
	defer func() { _ = removeAll(work) }()

	modfile, err := slim(ctx, source, filepath.Join(work, "modules"))
	if err != nil {
		return err
	}
	args := append([]string{"build", "-o", filepath.Join(finished, "server"), "-modfile=" + modfile}, buildFlags...)
	cmd := exec.Command(goTool, append(args, ".")...)
	cmd.Dir = source
	cmd.Env = append(os.Environ(),
		"CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=", "GOTMPDIR="+scratch)
	err = out.during("Building the embedded Temporal server. The first time takes some minutes…", func() error {
		// An interrupt makes go end its compilers, which are in its process group.
		build, err := startChild(&runDir{path: work}, "build", cmd, syscall.SIGINT)
		if err != nil {
			return err
		}
		return build.finish(ctx)
	})
	if err != nil {
		return fmt.Errorf("build the embedded Temporal server: %w", err)
	}
	return os.Rename(finished, home)
}

// pruneServers removes servers of other versions that have not been started for a long time. Each takes about 80 MB.
// Errors are ignored.
func pruneServers(cache, keep string) {
	homes, err := filepath.Glob(filepath.Join(cache, "temporal-*"))
	if err != nil {
		return
	}
	for _, home := range homes {
		info, err := os.Lstat(home)
		if err != nil || !info.IsDir() || home == keep {
			continue
		}
		if time.Since(info.ModTime()) > unused {
			_ = os.RemoveAll(home)
		}
	}
}
