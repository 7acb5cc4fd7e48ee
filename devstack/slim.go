package devstack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// slimModules are the modules of the embedded Temporal server that bring in the clients of three clouds and of Kubernetes. A development server
// never uses them, and they take a third of its build. It is built with copies of these modules that lack them.
var slimModules = []slimModule{
	{"go.temporal.io/server", []leftOut{
		{"common/archiver/s3store", []string{"*.go"}, "s3store.go.txt"},
		{"common/archiver/gcloud", []string{"*.go"}, "gcloud.go.txt"},
		{"common/persistence/visibility/store/elasticsearch/client", []string{"aws.go"}, "signing.go.txt"},
	}},
	{"go.temporal.io/auto-scaled-workers", []leftOut{
		{"wci/workflow/compute_provider", []string{"aws*.go", "gcp_cloudrun*.go", "k8s*.go"}, ""},
	}},
}

type slimModule struct {
	path    string
	leftOut []leftOut
}

// leftOut are files of one directory.
type leftOut struct {
	dir     string
	files   []string // patterns
	instead string   // the file in server/slim that takes their place; "" if nothing needs them
}

// mending is one line that is put into a copied module because its newest release has a fault.
type mending struct {
	file   string // in the directory of copies
	before string // the line, once in the file, before which it is put
	line   string
}

// skipping is where the Temporal server skips time.
const skipping = "go.temporal.io/server/service/history/workflow/timeskipping.go"

// mended are the faults of the Temporal server that a played course meets (ADR 0070). Temporal 1.32 goes too far:
//   - when a workflow is busy as the target of a fast-forward passes: it skips to the next timer, though that is after the target
//     (github.com/temporalio/temporal/pull/11373). With the line, no timer after the target counts.
//   - when a workflow continues as new: it adds the time that was skipped to the start of the next run, which contains it already. If a run
//     took as long as all runs before it together, the next one waits for that start
//     (github.com/temporalio/temporal/pull/11635). With the line, a start that contains the skipped time is left alone.
//   - when an update is answered after a timer is due and before it fires: it forgets that timer and skips to what comes after it. With the
//     line, time is not skipped until the timer has fired. A timer that is due for longer waits because the clock jumped; a skip goes on without it.
var mended = []mending{
	{skipping, "\tt.TrackEarliestFutureTime(ffTargetTime)\n", "\tt.TargetTime = time.Time{}\n"},
	{skipping, "\tif !timeNotSet(ms.executionState.StartTime) {\n",
		"\tif ms.executionState.StartTime.AsTime().Add(accum / 2).After(ms.Now()) { return };\n"},
	{skipping, "\tfor _, timerInfo := range ms.GetPendingTimerInfos() {\n",
		"\tfor _, due := range ms.GetPendingTimerInfos() { if late := ms.Now().Sub(due.ExpiryTime.AsTime()); late >= 0 && late < 10*time.Second { return nil } }\n"},
}

// mend puts the line in. It fails if the file has changed: then the fault may be gone.
func (m mending) mend(dir string) error {
	path := filepath.Join(dir, filepath.FromSlash(m.file))
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text := string(body)
	if n := strings.Count(text, m.before); n != 1 {
		return fmt.Errorf("it has the line %q %d times, want once: look whether the fault is mended there", strings.TrimSpace(m.before), n)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(strings.Replace(text, m.before, m.line+m.before, 1)), 0o600)
}

// slim copies the slim modules to a directory, mends them, and writes there the go.mod that uses them, for go build -modfile. The sources are
// the embedded Temporal server's. It downloads modules that are missing, and fails if one no longer has what is left out or mended.
func slim(ctx context.Context, source, dir string) (modfile string, err error) {
	mod, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil {
		return "", err
	}
	sum, err := os.ReadFile(filepath.Join(source, "go.sum"))
	if err != nil {
		return "", err
	}
	text := strings.Builder{}
	text.Write(mod)
	for _, m := range slimModules {
		from, err := moduleDir(ctx, source, m.path)
		if err != nil {
			return "", err
		}
		to := filepath.Join(dir, filepath.FromSlash(m.path))
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			return "", fmt.Errorf("copy %s for the embedded Temporal server: %w", m.path, err)
		}
		for _, l := range m.leftOut {
			if err := l.leaveOut(source, to); err != nil {
				return "", fmt.Errorf("leave out %s/%s of the embedded Temporal server: %w", m.path, l.dir, err)
			}
		}
		fmt.Fprintf(&text, "\nreplace %s => %s\n", m.path, to)
	}
	for _, m := range mended {
		if err := m.mend(dir); err != nil {
			return "", fmt.Errorf("mend %s of the embedded Temporal server: %w", m.file, err)
		}
	}
	modfile = filepath.Join(dir, "go.mod")
	return modfile, errors.Join(os.WriteFile(modfile, []byte(text.String()), 0o600), os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600))
}

// leaveOut removes the files from a copied module, and puts in what takes their place.
func (l leftOut) leaveOut(source, module string) error {
	dir := filepath.Join(module, filepath.FromSlash(l.dir))
	for _, pattern := range l.files {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err == nil && len(found) == 0 {
			err = fmt.Errorf("there is no file %s", pattern)
		}
		for _, file := range found {
			err = errors.Join(err, os.Remove(file))
		}
		if err != nil {
			return err
		}
	}
	if l.instead == "" {
		return nil
	}
	body, err := os.ReadFile(filepath.Join(source, "slim", l.instead))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "slim.go"), body, 0o600)
}

// moduleDir downloads a module in the version that source needs, and gives its directory.
func moduleDir(ctx context.Context, source, module string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly")
	out, err := cmd.Output()
	var got struct{ Dir, Error string }
	if jerr := json.Unmarshal(out, &got); err == nil {
		err = jerr
	}
	if got.Error != "" {
		err = errors.New(got.Error)
	}
	if err != nil {
		return "", fmt.Errorf("download %s for the embedded Temporal server: %w", module, err)
	}
	return got.Dir, nil
}
