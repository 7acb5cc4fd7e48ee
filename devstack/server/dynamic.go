package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/server/common/dynamicconfig"
)

// maxSkips is how many waits one time-skipping session may jump over. The
// server's 200 would end a course of several months, with a reminder before each
// visit, in the middle.
const maxSkips = 10_000

// tuning is what a single small server needs to answer as fast as it can.
// Temporal's own values are meant for many shards on a large database.
func tuning() dynamicconfig.StaticClient {
	return dynamicconfig.StaticClient{
		// A shard reads its task queues 20 times a second by default, which puts
		// 50 ms before every workflow task once a short burst is used up.
		dynamicconfig.TransferProcessorMaxPollRPS.Key():   2000,
		dynamicconfig.TimerProcessorMaxPollRPS.Key():      2000,
		dynamicconfig.VisibilityProcessorMaxPollRPS.Key(): 2000,

		// A task queue is in four parts by default. A task in a part that no worker
		// waits at is passed on, ten a second at most: some activities of a quiet
		// practice started 100 ms late.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,

		// Timers fire up to a second late by default.
		dynamicconfig.TimerProcessorMaxTimeShift.Key(): 5 * time.Millisecond,

		// A search attribute can be used as soon as it is registered, rather than
		// after the next refresh of a cache. That costs reads, hence the limits.
		dynamicconfig.ForceSearchAttributesCacheRefreshOnRead.Key():      true,
		dynamicconfig.FrontendPersistenceMaxQPS.Key():                    10_000,
		dynamicconfig.HistoryPersistenceMaxQPS.Key():                     45_000,
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): 100,

		// A stuck workflow shows in the UI at its second failure, not its fifth.
		dynamicconfig.NumConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute.Key(): 2,

		// The HTTP API answers only to its own name, so that no web page can reach
		// it by pointing a host name of its own at this machine.
		dynamicconfig.FrontendHTTPAllowedHosts.Key(): []string{loopback + ":*", "localhost:*"},
	}
}

// dynamicConfig is our tuning, what the flags ask for, and over these the
// settings given as JSON.
func dynamicConfig(opts Options) (dynamicconfig.Client, error) {
	settings := tuning()
	if opts.TimeSkipping {
		settings[dynamicconfig.WorkflowTimeSkippingEnabled.Key()] = true
		settings[dynamicconfig.WorkflowTimeSkippingMaxSkipPerSession.Key()] = maxSkips
	}
	if opts.DynamicConfig == "" {
		return settings, nil
	}
	given, err := parseDynamicConfig(opts.DynamicConfig)
	if err != nil {
		return nil, fmt.Errorf("-dynamic-config: %w", err)
	}
	for key, values := range given {
		settings[key] = values
	}
	return settings, nil
}

// parseDynamicConfig reads a JSON object of key to value. The server ignores a
// key it does not know and a value it cannot use; whoever mistyped one should
// hear of it.
func parseDynamicConfig(text string) (dynamicconfig.ConfigValueMap, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	var loader dynamicconfig.YamlLoader
	for key, value := range object {
		// The loader reads YAML, of which JSON is a part, as a list of values.
		list := fmt.Appendf(nil, `[{"value": %s}]`, value)
		loader.LoadValue(dynamicconfig.MakeKey(key), list)
	}
	return loader.Map, errors.Join(loader.Err(), errors.Join(loader.Warnings...))
}
