package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"kapflow/config"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/output"
	"kapflow/practice"
	"kapflow/store"
	"kapflow/worker/wiring"
)

// Connections and patience of the command line: one person waits for one answer.
const (
	maxConns = 4
	patience = 10 * time.Second
)

// connection is a practice that a command works with.
type connection struct {
	app       *wiring.App
	demo      bool
	operators string // path of the operators file
}

// connect opens the practice that the environment names, or else the demo that runs on this machine.
func connect(t terminal) (connection, func(), error) {
	c := connection{demo: inDemo()}
	var options wiring.Options
	var err error
	if c.demo {
		options, err = optionsFromDemo()
	} else {
		options, c.operators, err = optionsFromEnvironment(t)
	}
	if err != nil {
		return connection{}, nil, err
	}
	options.Store.AsOwner = t.asOwner
	options.Store.MaxConns, options.Temporal.Patience = maxConns, patience
	var closeAll func()
	c.app, closeAll, err = wiring.Open(t.ctx, options)
	return c, closeAll, err
}

func optionsFromEnvironment(t terminal) (options wiring.Options, operators string, err error) {
	settings, warnings, err := config.Load(os.Environ())
	if err != nil {
		return wiring.Options{}, "", &wiring.SettingsError{Err: err}
	}
	for _, w := range warnings {
		fmt.Fprintln(t.err, "starter: warning:", w)
	}
	prac, err := wiring.LoadPractice(settings.Practice)
	return wiring.FromSettings(settings, prac), settings.Operators, err
}

func optionsFromDemo() (wiring.Options, error) {
	c, err := runningDemo()
	if err != nil {
		return wiring.Options{}, err
	}
	return c.options()
}

// demoConnection tells other commands where a running demo is. Its file is readable by its owner only and is removed with
// the demo. The keys in it protect sample clients only.
type demoConnection struct {
	PID         int      `json:"pid"`
	DatabaseURL string   `json:"database_url"`
	Temporal    string   `json:"temporal"`
	TaskQueue   string   `json:"task_queue"`
	PayloadKeys []string `json:"payload_keys"`
	FieldKeys   string   `json:"field_keys"`
	IndexKey    []byte   `json:"index_key"`
	UI          string   `json:"ui"`
}

// options open the demo's practice.
func (c demoConnection) options() (wiring.Options, error) {
	prac, err := practice.Sample(time.Now())
	if err != nil {
		return wiring.Options{}, err
	}
	payloadKeys, err := keyring.Parse(strings.Join(c.PayloadKeys, ","))
	if err != nil {
		return wiring.Options{}, err
	}
	fieldKeys, err := keyring.Parse(c.FieldKeys)
	if err != nil {
		return wiring.Options{}, err
	}
	return wiring.Options{
		Practice: prac, TaskQueue: c.TaskQueue, VirtualTime: true,
		Store:    store.Options{URL: c.DatabaseURL, Keys: fieldKeys, IndexKey: c.IndexKey},
		Temporal: engine.Options{Address: c.Temporal, Codec: engine.NewCodec(payloadKeys)},
	}, nil
}

// demoDir is where running demos keep their connection files.
func demoDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "kapflow", "demos"), nil
}

// runningDemo finds the running demo. KAPFLOW_DEMO, a process id, chooses one of several. The error is a
// *wiring.AwayError if there is none, or more than one to choose from.
func runningDemo() (demoConnection, error) {
	dir, err := demoDir()
	if err != nil {
		return demoConnection{}, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return demoConnection{}, err
	}
	var found []demoConnection
	for _, file := range files {
		var c demoConnection
		body, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(body, &c) != nil {
			continue
		}
		if process, err := os.FindProcess(c.PID); err != nil || process.Signal(syscall.Signal(0)) != nil {
			_ = os.Remove(file) // its demo was killed
			continue
		}
		if want := os.Getenv("KAPFLOW_DEMO"); want == "" || want == strconv.Itoa(c.PID) {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 0:
		return demoConnection{}, &wiring.AwayError{Err: errors.New("no practice is set up (DATABASE_URL is empty) and no demo is running; start a demo with: make demo")}
	case 1:
		return found[0], nil
	default:
		return demoConnection{}, &wiring.AwayError{Err: fmt.Errorf("%d demos are running; choose one, such as KAPFLOW_DEMO=%d", len(found), found[0].PID)}
	}
}

// publish writes the connection file. Call remove when the demo ends.
func (c demoConnection) publish() (remove func(), err error) {
	dir, err := demoDir()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	body, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, strconv.Itoa(c.PID)+".json")
	if err := output.ReplaceFile(file, body); err != nil {
		return nil, err
	}
	return func() { _ = os.Remove(file) }, nil
}
