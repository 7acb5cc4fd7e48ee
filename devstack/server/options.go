package main

import (
	"flag"
	"fmt"
	"io"
)

// Options are the settings of the command line.
type Options struct {
	Port           int    // frontend gRPC port, 0 to pick a free one
	HTTPPort       int    // frontend HTTP API port, 0 to pick a free one
	UIPort         int    // Web UI port, 0 to pick a free one
	Headless       bool   // no Web UI
	DB             string // SQLite file, empty to keep everything in memory
	Postgres       string // URL of a PostgreSQL to use in place of SQLite, from the environment
	Namespace      string // the namespace to create, and the UI's first page
	CodecEndpoint  string // endpoint at which the UI decodes payloads
	AddrFile       string // where to write the addresses, besides standard output
	LogLevel       string
	DynamicConfig  string // JSON object that overrides our own settings
	TimeSkipping   bool
	ExitOnStdinEOF bool
}

// parseOptions reads the command line and explains errors on out.
func parseOptions(args []string, out io.Writer) (Options, error) {
	var o Options
	fs := flag.NewFlagSet("server", flag.ContinueOnError)
	fs.SetOutput(out)
	fs.IntVar(&o.Port, "port", 0, "frontend gRPC `port` (0 picks a free one)")
	fs.IntVar(&o.HTTPPort, "http-port", 0, "frontend HTTP API `port` (0 picks a free one)")
	fs.IntVar(&o.UIPort, "ui-port", 0, "Web UI `port` (0 picks a free one)")
	fs.BoolVar(&o.Headless, "headless", false, "run without the Web UI")
	fs.StringVar(&o.DB, "db", "", "SQLite `file` (default: in memory)")
	fs.StringVar(&o.Namespace, "namespace", "default", "namespace to create")
	fs.StringVar(&o.CodecEndpoint, "codec-endpoint", "", "`URL` at which the UI decodes payloads")
	fs.StringVar(&o.AddrFile, "addr-file", "", "also write the addresses to this `file` once everything answers")
	fs.StringVar(&o.LogLevel, "log-level", "error", "debug, info, warn or error")
	fs.StringVar(&o.DynamicConfig, "dynamic-config", "", "dynamic configuration as a `JSON` object of key to value")
	fs.BoolVar(&o.TimeSkipping, "time-skipping", false, "let clients skip time in a workflow (tests and demo only)")
	fs.BoolVar(&o.ExitOnStdinEOF, "exit-on-stdin-eof", false, "stop when standard input is closed, so that no server outlives its owner")
	if err := fs.Parse(args); err != nil {
		return Options{}, err
	}
	if err := o.validate(fs.Args()); err != nil {
		fmt.Fprintln(out, err)
		return Options{}, err
	}
	return o, nil
}

// validate refuses settings that would fail late or be ignored.
func (o Options) validate(rest []string) error {
	if len(rest) > 0 {
		return fmt.Errorf("unexpected argument %q: this command takes flags only", rest[0])
	}
	for name, port := range map[string]int{"port": o.Port, "http-port": o.HTTPPort, "ui-port": o.UIPort} {
		if port < 0 || port > 65535 {
			return fmt.Errorf("-%s %d is not a port: choose 1 to 65535, or 0 for a free one", name, port)
		}
	}
	switch o.LogLevel {
	case "debug", "info", "warn", "error":
	default:
		return fmt.Errorf("-log-level %q is unknown: choose debug, info, warn or error", o.LogLevel)
	}
	if o.Namespace == "" {
		return fmt.Errorf("-namespace must not be empty")
	}
	return nil
}
