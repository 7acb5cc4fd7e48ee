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
	// searchAttributeSettle is longer than the two seconds after which each of the server's services reloads attributes.
	// The service that answers us may reload before the one that runs workflows.
	searchAttributeSettle = 3 * time.Second
)

// RegisterSearchAttributes adds missing search attributes to the namespace and returns once they can be used. An empty
// namespace means the client's own. Call it before the first workflow starts, because a workflow that sets an unknown
// attribute gets stuck. Repeating it is harmless and quick. If a name exists with another type, it returns an error and
// adds nothing, because the server would later refuse each value inside a running workflow.
//
// A server may list an attribute before it accepts it, because it lists from its database and serves from its cache.
// The function therefore checks with a query that uses all attributes.
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
		var already *serviceerror.AlreadyExists // another worker registered them first
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

// awaitSearchAttributes queries with every attribute until the server accepts the query. It reports whether it had to
// repeat the query.
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

// pause waits, and returns early if the context ends.
func pause(ctx context.Context, wait time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// missingSearchAttributes gives the wanted attributes that the namespace lacks. It fails for names that exist with
// another type.
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
