package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

const (
	searchAttributePoll = 50 * time.Millisecond
	// searchAttributeSettle outlasts the two seconds after which each of the server's services looks for new attributes.
	// The one we can ask may have looked before the one that runs workflows.
	searchAttributeSettle = 3 * time.Second
)

// RegisterSearchAttributes makes sure that the namespace knows every attribute by its type, and returns once they can
// be used. An empty namespace is the client's own. Call it before the first workflow starts: a workflow that sets an unknown attribute gets stuck. Calling it
// again is harmless and quick. A name that is taken with another type is refused before anything is added, because the
// server would refuse each value later, deep inside a running workflow.
//
// That the server lists an attribute does not mean that it takes it: it lists from its database, and serves from what
// it remembers. So the last word is a query that uses them all.
func RegisterSearchAttributes(ctx context.Context, temporalClient client.Client, namespace string, wanted map[string]enumspb.IndexedValueType) error {
	if len(wanted) == 0 {
		return nil
	}
	missing, err := missingSearchAttributes(ctx, temporalClient, namespace, wanted)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		_, err = temporalClient.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
			Namespace: namespace, SearchAttributes: missing,
		})
		var already *serviceerror.AlreadyExists // another worker starting at this moment was quicker
		if err != nil && !errors.As(err, &already) {
			return fmt.Errorf("cannot register the search attributes %s: %w", names(missing), err)
		}
	}
	waited, err := awaitSearchAttributes(ctx, temporalClient, namespace, wanted)
	if err != nil {
		return fmt.Errorf("the search attributes %s are registered but cannot be used yet: %w", names(wanted), err)
	}
	if waited {
		return pause(ctx, searchAttributeSettle)
	}
	return nil
}

// awaitSearchAttributes asks a question that names every attribute until the server understands it, and tells whether
// it had to be asked twice.
func awaitSearchAttributes(ctx context.Context, temporalClient client.Client, namespace string, wanted map[string]enumspb.IndexedValueType) (waited bool, err error) {
	query := strings.Join(slices.Sorted(maps.Keys(wanted)), " IS NOT NULL AND ") + " IS NOT NULL"
	for {
		_, err := temporalClient.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: namespace, Query: query})
		var unknown *serviceerror.InvalidArgument
		if !errors.As(err, &unknown) {
			return waited, err
		}
		waited = true
		if pause(ctx, searchAttributePoll) != nil {
			return waited, err
		}
	}
}

// pause waits, unless the context ends first.
func pause(ctx context.Context, wait time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// missingSearchAttributes are the wanted ones that the namespace lacks. It fails on names taken with another type.
func missingSearchAttributes(ctx context.Context, temporalClient client.Client, namespace string, wanted map[string]enumspb.IndexedValueType) (map[string]enumspb.IndexedValueType, error) {
	listed, err := temporalClient.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return nil, fmt.Errorf("cannot list the search attributes of namespace %q: %w", namespace, err)
	}
	missing := map[string]enumspb.IndexedValueType{}
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		kind, known := listed.GetCustomAttributes()[name]
		if system, reserved := listed.GetSystemAttributes()[name]; reserved {
			kind, known = system, true
		}
		switch {
		case !known:
			missing[name] = wanted[name]
		case kind != wanted[name]:
			faults = append(faults, fmt.Errorf("search attribute %s exists with type %s but must be %s: remove it with "+
				"`temporal operator search-attribute remove --name %s`, or use another namespace", name, kind, wanted[name], name))
		}
	}
	return missing, errors.Join(faults...)
}

func names(attributes map[string]enumspb.IndexedValueType) string {
	return strings.Join(slices.Sorted(maps.Keys(attributes)), ", ")
}
