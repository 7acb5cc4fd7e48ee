package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"time"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	sqliteschema "go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

// retention keeps closed workflows longer than any demo runs. The schema package's own default is a day.
const retention = 90 * 24 * time.Hour

// stores are where the server keeps workflows, and what it can search them by. One SQLite database holds both.
type stores struct{ main, visibility *config.SQL }

// prepareStorage returns the settings of databases with Temporal's tables and the namespace: a PostgreSQL if one is named, else
// SQLite.
func prepareStorage(opts Options) (stores, error) {
	if opts.Postgres != "" {
		return preparePostgres(opts.Postgres, opts.Namespace)
	}
	store, err := prepareSQLite(opts.DB, opts.Namespace)
	return stores{main: store, visibility: store}, err
}

func prepareSQLite(file, namespace string) (*config.SQL, error) {
	store := memoryStore()
	if file != "" {
		if err := createFile(file); err != nil {
			return nil, err
		}
		store = fileStore(file)
	}
	return store, createNamespace(store, namespace)
}

// createNamespace creates the namespace, unless it exists. The function comes with the schema of SQLite and works on every SQL
// store.
func createNamespace(store *config.SQL, namespace string) error {
	ns, err := sqliteschema.NewNamespaceConfig(clusterName, namespace, false, nil)
	if err != nil {
		return fmt.Errorf("namespace %q: %w", namespace, err)
	}
	ns.Detail.Config.Retention = durationpb.New(retention)
	if err := sqliteschema.CreateNamespaces(store, ns); err != nil {
		return fmt.Errorf("create namespace %q: %w", namespace, err)
	}
	return nil
}

// memoryStore is a database shared by all connections of this process. The plugin creates its tables. The random name
// keeps two databases apart.
func memoryStore() *config.SQL {
	return &config.SQL{
		PluginName:        sqlite.PluginName,
		DatabaseName:      fmt.Sprintf("kapflow-%d", rand.Uint64()),
		ConnectAttributes: map[string]string{"mode": "memory", "cache": "shared"},
	}
}

// fileStore is a database that survives the process. A write-ahead log that is synced only at checkpoints doubles its
// speed. A power cut may lose data, but a killed process does not.
func fileStore(file string) *config.SQL {
	return &config.SQL{
		PluginName:   sqlite.PluginName,
		DatabaseName: file,
		ConnectAttributes: map[string]string{
			"mode": "rwc", "journal_mode": "wal", "synchronous": "1", "busy_timeout": "10000",
		},
	}
}

// createFile makes the database file with its tables, unless it exists. It uses another name until the file is
// complete, so that a process killed in between leaves no file that looks complete.
func createFile(file string) error {
	_, err := os.Stat(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	unfinished := file + ".new"
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// Created here so that only its owner can read it.
	f, err := os.OpenFile(unfinished, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	if err := f.Close(); err != nil {
		return err
	}
	// No write-ahead log here: its extra files would not be renamed with it.
	if err := sqliteschema.SetupSchema(&config.SQL{
		PluginName:        sqlite.PluginName,
		DatabaseName:      unfinished,
		ConnectAttributes: map[string]string{"mode": "rw"},
	}); err != nil {
		return fmt.Errorf("create tables in %s: %w", unfinished, err)
	}
	return os.Rename(unfinished, file)
}
