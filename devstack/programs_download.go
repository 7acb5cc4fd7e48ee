package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

const (
	// downloadVersion is the version that we download: the newest that the library knows.
	downloadVersion = embeddedpostgres.V18
	// publicRepository has the library's published builds.
	publicRepository = "https://repo1.maven.org/maven2"
)

// downloadedPrograms returns PostgreSQL's programs from our cache, after downloading them the first time.
func downloadedPrograms(ctx context.Context, out *progress, from string) (programs, error) {
	if from == "" {
		from = publicRepository
	}
	cache, err := sharedCacheDir()
	if err != nil {
		return programs{}, err
	}
	home := filepath.Join(cache, "postgres-"+string(downloadVersion))
	bin := filepath.Join(home, "bin")
	if found, ok := programsIn(bin); ok {
		return found, nil
	}
	release, err := waitLock(ctx, home+".lock", func() {
		fmt.Fprintln(out, "Another process is downloading PostgreSQL; waiting for it.")
	})
	if err != nil {
		return programs{}, err
	}
	if found, ok := programsIn(bin); ok {
		release()
		return found, nil // another process downloaded it
	}
	if err := reachable(ctx, from); err != nil {
		release()
		return programs{}, err
	}
	finished := make(chan error, 1)
	go func() {
		defer release()
		finished <- download(from, home)
	}()
	err = out.during("Downloading PostgreSQL. This happens once…", func() error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-finished:
			return err
		}
	})
	if err != nil {
		return programs{}, err
	}
	found, ok := programsIn(bin)
	if !ok {
		return programs{}, fmt.Errorf("the download in %s lacks initdb or postgres, or they cannot be run", home)
	}
	return found, nil
}

// sharedCacheDir is the cache directory, or for root one outside of root's home, which the account that runs PostgreSQL
// cannot enter.
func sharedCacheDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/cache/kapflow", nil
	}
	return cacheDir()
}

// reachable checks quickly whether a download is possible. The library would wait for minutes without a message.
func reachable(ctx context.Context, repository string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, repository, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	// Any answer is enough: not every repository has a page here.
	return resp.Body.Close()
}

// download puts PostgreSQL's programs into home. The library has no call for only that, because it starts what it
// unpacked. We start servers ourselves, so the library gets a data directory that looks like one of the right version
// but is not. Its start fails after everything was unpacked, also for root and for a missing file.
//
// The library's download cannot be canceled. A caller that gives up does not wait for it. If the process ends first,
// its directory stays in the cache until the next download, which removes it.
func download(from, home string) error {
	work := home + ".downloading"
	stub := filepath.Join(work, "stub")
	unpacked := filepath.Join(work, "unpacked")
	if err := errors.Join(os.RemoveAll(work), os.MkdirAll(stub, 0o755)); err != nil {
		return err
	}
	defer func() { _ = removeAll(work) }()
	major, _, _ := strings.Cut(string(downloadVersion), ".")
	if err := os.WriteFile(filepath.Join(stub, "PG_VERSION"), []byte(major+"\n"), 0o600); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	started := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(downloadVersion).
		BinaryRepositoryURL(from).
		CachePath(filepath.Join(work, "archive")).
		RuntimePath(filepath.Join(work, "runtime")).
		BinariesPath(unpacked).
		DataPath(stub).
		Port(uint32(port)).
		Logger(io.Discard)).Start()
	if _, ok := programsIn(filepath.Join(unpacked, "bin")); !ok {
		return started
	}
	return os.Rename(unpacked, home)
}
