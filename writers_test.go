package kapflow_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// developersOnly are rooms that no practice runs: they hold sample people only.
var developersOnly = []string{"bench", "devstack", "e2e", "tools"}

// TestFilesAndTerminalsHaveOneWriterEach finds whoever writes a file or prints around the room output, where files are made for
// their owner alone and what is printed is escaped.
func TestFilesAndTerminalsHaveOneWriterEach(t *testing.T) {
	t.Parallel()
	files := regexp.MustCompile(`\bos\.(WriteFile|Create|CreateTemp|OpenFile)\(`)
	streams := regexp.MustCompile(`\bos\.(Stdout|Stderr)\b|\bfmt\.(Print|Printf|Println)\(`)
	// These hand the streams to output.Terminal; the last prints the settings' example for a file of the repository.
	programs := []string{"starter/main.go", "worker/main.go", "config/example/main.go", "care/message/states/main.go"}
	seen := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && notOurs(path, d) {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		room, _, _ := strings.Cut(filepath.ToSlash(path), "/")
		if room == "output" || slices.Contains(developersOnly, room) {
			return nil
		}
		seen++
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if found := files.Find(body); found != nil {
			t.Errorf("%s writes a file with %s; use output.NewFile, output.ReplaceFile or output.NewDirectory", path, found)
		}
		if found := streams.Find(body); found != nil && !slices.Contains(programs, filepath.ToSlash(path)) {
			t.Errorf("%s prints with %s; use the terminal that the command runs with", path, found)
		}
		return nil
	})
	if err != nil || seen < 100 {
		t.Errorf("%d files were looked at: %v", seen, err)
	}
}
