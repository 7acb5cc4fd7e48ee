package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/server/common/dynamicconfig"
)

// maxSkips is how many waits one time-skipping session may jump over. The server's default of 200 would stop in the
// middle of a course of several months with a reminder before each visit.
const maxSkips = 10_000

// tuning makes a single small server answer as fast as possible. Temporal's own values are for many shards on a large
// database.
func tuning() dynamicconfig.StaticClient {
	return dynamicconfig.StaticClient{
		// By default a shard reads its task queues 20 times a second, which adds
		// 50 ms before every workflow task after a short burst.
		dynamicconfig.TransferProcessorMaxPollRPS.Key():   2000,
		dynamicconfig.TimerProcessorMaxPollRPS.Key():      2000,
		dynamicconfig.VisibilityProcessorMaxPollRPS.Key(): 2000,

		// By default a task queue has four partitions. A task in a partition without
		// a waiting worker is forwarded, ten a second at most: some activities of a quiet
		// practice started 100 ms late.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,

		// By default timers fire up to a second late.
		dynamicconfig.TimerProcessorMaxTimeShift.Key(): 5 * time.Millisecond,

		// A search attribute can be used as soon as it is registered, and not only
		// after the next refresh of a cache. This costs reads, so they are limited.
		dynamicconfig.ForceSearchAttributesCacheRefreshOnRead.Key():      true,
		dynamicconfig.FrontendPersistenceMaxQPS.Key():                    10_000,
		dynamicconfig.HistoryPersistenceMaxQPS.Key():                     45_000,
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): 100,

		// The UI shows a stuck workflow after its second failure, not its fifth.
		dynamicconfig.NumConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute.Key(): 2,

		// The HTTP API answers only requests to its own name, so that no web page can reach
		// it by pointing a host name of its own at this machine.
		dynamicconfig.FrontendHTTPAllowedHosts.Key(): []string{loopback + ":*", "localhost:*"},
	}
}

// dynamicConfig combines our tuning, the settings of the flags, and above these the settings given as JSON.
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

// parseDynamicConfig reads a JSON object of keys and values. The server ignores unknown keys and unusable values, so
// typing errors are reported here.
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
