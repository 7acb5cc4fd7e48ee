package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"kapflow/activities"
	"kapflow/config"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/store"
	"kapflow/worker/wiring"
)

// connection is how a demo that runs tells other commands where it is. The file is readable by its owner
// only and goes with the demo: its keys protect nothing but samples.
type connection struct {
	PID         int      `json:"pid"`
	DatabaseURL string   `json:"database_url"`
	Temporal    string   `json:"temporal"`
	TaskQueue   string   `json:"task_queue"`
	PayloadKeys []string `json:"payload_keys"`
	FieldKeys   string   `json:"field_keys"`
	IndexKey    []byte   `json:"index_key"`
	UI          string   `json:"ui"`
}

// connect reaches the practice that the environment names, else the demo that runs on this machine.
func connect(t terminal) (*wiring.House, func(), error) {
	if os.Getenv("DATABASE_URL") == "" && os.Getenv("DATABASE_URL_FILE") == "" {
		return connectDemo(t.ctx)
	}
	settings, warnings, err := config.Load(os.Environ())
	if err != nil {
		return nil, nil, usageError{err}
	}
	for _, w := range warnings {
		fmt.Fprintln(t.err, "starter: warning:", w)
	}
	prac, err := loadPractice(settings.Practice)
	if err != nil {
		return nil, nil, err
	}
	return openHouse(t.ctx, prac, store.Options{URL: settings.DatabaseURL.Reveal(), Keys: settings.FieldKeys.Ring(), IndexKey: settings.IndexKey.Bytes(), MaxConns: 4},
		engine.Options{Codec: engine.NewCodec(settings.PayloadKeys.Ring()), Patience: 10 * time.Second}, settings.TaskQueue)
}

func loadPractice(path string) (practice.Practice, error) {
	if path == "" {
		return practice.Sample(time.Now())
	}
	return practice.Load(path, time.Now())
}

func openHouse(ctx context.Context, prac practice.Practice, records store.Options, temporal engine.Options, queue string) (*wiring.House, func(), error) {
	db, err := store.Open(ctx, records)
	if err != nil {
		return nil, nil, awayError{fmt.Errorf("cannot reach Postgres: %w", err)}
	}
	temporalClient, err := engine.Dial(ctx, temporal)
	if err != nil {
		db.Close()
		return nil, nil, awayError{err}
	}
	house := (&wiring.House{Practice: prac, Store: db, TemporalClient: temporalClient, TaskQueue: queue, Clock: activities.WallClock}).
		Furnish(func() time.Time { return time.Now().UTC() })
	return house, func() {
		temporalClient.Close()
		db.Close()
	}, nil
}

func connectDemo(ctx context.Context) (*wiring.House, func(), error) {
	c, err := runningDemo()
	if err != nil {
		return nil, nil, awayError{err}
	}
	prac, err := practice.Sample(time.Now())
	if err != nil {
		return nil, nil, err
	}
	ring, err := keyring.Parse(strings.Join(c.PayloadKeys, ","))
	if err != nil {
		return nil, nil, err
	}
	keys, err := keyring.Parse(c.FieldKeys)
	if err != nil {
		return nil, nil, err
	}
	return openHouse(ctx, prac, store.Options{URL: c.DatabaseURL, Keys: keys, IndexKey: c.IndexKey, MaxConns: 4},
		engine.Options{Address: c.Temporal, Codec: engine.NewCodec(ring), Patience: 5 * time.Second}, c.TaskQueue)
}

func demoDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "kapflow", "demos"), nil
}

// runningDemo finds the demo that runs; KAPFLOW_DEMO (its process number) chooses between two.
func runningDemo() (connection, error) {
	dir, err := demoDir()
	if err != nil {
		return connection{}, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return connection{}, err
	}
	var found []connection
	for _, file := range files {
		var c connection
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
		return connection{}, errors.New("no practice is configured (DATABASE_URL) and no demo runs; start one with make demo")
	case 1:
		return found[0], nil
	default:
		return connection{}, fmt.Errorf("%d demos run; choose one with KAPFLOW_DEMO=%d", len(found), found[0].PID)
	}
}

// publish writes the connection file; remove takes it away.
func (c connection) publish() (remove func(), err error) {
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
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return nil, err
	}
	return func() { _ = os.Remove(file) }, nil
}
