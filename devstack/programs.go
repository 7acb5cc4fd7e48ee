package devstack

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// programs are the two programs of PostgreSQL that we need.
type programs struct {
	initdb, server string
}

// installations are the directories where packages install PostgreSQL's programs without adding them to PATH.
var installations = []string{
	"/usr/lib/postgresql/*/bin",         // Debian, Ubuntu
	"/usr/pgsql-*/bin",                  // PostgreSQL's own packages for Red Hat's systems
	"/usr/libexec/postgresql*",          // Alpine
	"/opt/homebrew/opt/postgresql*/bin", // Homebrew on Apple silicon
	"/usr/local/opt/postgresql*/bin",    // Homebrew on Intel
	"/opt/homebrew/bin",
	"/usr/local/bin",
	"/usr/local/pgsql/bin", // built from source
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// postgresPrograms returns PostgreSQL's programs as installed on this machine, or else downloads them.
func postgresPrograms(ctx context.Context, out *progress, downloadFrom string) (programs, error) {
	if found, ok := findPrograms(pathDirs(), installations); ok {
		return found, nil
	}
	found, err := downloadedPrograms(ctx, out, downloadFrom)
	if err != nil {
		return programs{}, fmt.Errorf("PostgreSQL's programs (initdb, postgres) are not on this machine and cannot be downloaded: %w\n%s", err, howToInstall)
	}
	return found, nil
}

const howToInstall = `Install PostgreSQL:
  Debian, Ubuntu   apt-get install postgresql
  Fedora           dnf install postgresql-server
  macOS            brew install postgresql@17
or set DATABASE_URL to one that runs.`

// pathDirs is the directory of the first postgres on PATH, if there is one.
func pathDirs() []string {
	found, err := exec.LookPath("postgres")
	if err != nil {
		return nil
	}
	return []string{filepath.Dir(found)}
}

// findPrograms looks in dirs first and then in what the patterns match, with the newest version of each pattern first.
func findPrograms(dirs, patterns []string) (programs, bool) {
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil {
			continue
		}
		slices.SortStableFunc(found, func(a, b string) int {
			return slices.Compare(versionIn(b), versionIn(a))
		})
		dirs = append(dirs, found...)
	}
	for _, dir := range dirs {
		if p, ok := programsIn(dir); ok {
			return p, true
		}
	}
	return programs{}, false
}

// programsIn reports whether both programs are in dir and can be run. For root this means by the account that root uses
// for them.
func programsIn(dir string) (programs, bool) {
	p := programs{initdb: filepath.Join(dir, "initdb"), server: filepath.Join(dir, "postgres")}
	for _, program := range []string{p.initdb, p.server} {
		if _, err := exec.LookPath(program); err != nil {
			return programs{}, false
		}
		if os.Geteuid() == 0 && !reachableByAll(program) {
			return programs{}, false
		}
	}
	return p, true
}

var versionNumber = regexp.MustCompile(`\d+(\.\d+)*`)

// versionIn reads the version in a path such as /usr/lib/postgresql/16/bin: the last number in it.
func versionIn(path string) []int {
	numbers := versionNumber.FindAllString(path, -1)
	if len(numbers) == 0 {
		return nil
	}
	var version []int
	for part := range strings.SplitSeq(numbers[len(numbers)-1], ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		version = append(version, n)
	}
	return version
}
