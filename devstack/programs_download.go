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
	// downloadVersion is the PostgreSQL we download: the newest the library knows.
	downloadVersion = embeddedpostgres.V18
	// publicRepository is where the library's builds are published.
	publicRepository = "https://repo1.maven.org/maven2"
)

// downloadedPrograms returns PostgreSQL's programs from our cache, downloading
// them the first time.
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
		return found, nil // downloaded while we waited
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
		return programs{}, fmt.Errorf("what was downloaded to %s lacks initdb or postgres, or cannot be run", home)
	}
	return found, nil
}

// sharedCacheDir is the cache directory, or one outside of root's home: the
// account that runs PostgreSQL for root cannot enter that.
func sharedCacheDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/cache/kapflow", nil
	}
	return cacheDir()
}

// reachable tells quickly whether there is any point in a download. The library
// would wait for minutes and not say what for.
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
	// Any answer will do; not every repository shows a page here.
	return resp.Body.Close()
}

// download puts PostgreSQL's programs into home. The library has no call for just
// that: it starts what it unpacked. We start servers ourselves, so it is shown a
// data directory that passes for one of the right version and is not: the start
// fails, on root and on a missing file alike, after all has been unpacked.
//
// It cannot be called off either. Whoever gives up does not wait for it; if the
// process ends before it does, its directory stays in the cache until the next
// download, which begins by removing it.
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
