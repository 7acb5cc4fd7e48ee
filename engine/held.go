package engine

import (
	"context"
	"errors"
	"slices"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
)

// Irreplaceable marks a workflow input that the workflow cannot continue without and that cannot be sent again. If a
// worker cannot decrypt it, the worker lacks the key. The workflow task then fails and is retried until a worker has
// the key. Without this marker the SDK would fail the workflow.
type Irreplaceable interface{ Irreplaceable() }

// holdingConverter panics in workflow code if an Irreplaceable value cannot be decrypted. Only a panic fails the task
// without failing the workflow. Everywhere else, updates included, an unreadable payload is an error. Otherwise a
// caller without a key could block a workflow by sending garbage.
type holdingConverter struct {
	converter.DataConverter
	inWorkflow bool
}

var (
	_ workflow.ContextAware                           = holdingConverter{}
	_ converter.DataConverterWithSerializationContext = holdingConverter{}
)

// WithWorkflowContext is called by the SDK for payloads that are decoded inside workflow code.
func (c holdingConverter) WithWorkflowContext(ctx workflow.Context) converter.DataConverter {
	inner := c.DataConverter
	if aware, ok := inner.(workflow.ContextAware); ok {
		inner = aware.WithWorkflowContext(ctx)
	}
	return holdingConverter{inner, true}
}

// WithContext is called by the SDK for payloads that are decoded in activities and clients.
func (c holdingConverter) WithContext(ctx context.Context) converter.DataConverter {
	inner := c.DataConverter
	if aware, ok := inner.(workflow.ContextAware); ok {
		inner = aware.WithContext(ctx)
	}
	return holdingConverter{inner, c.inWorkflow}
}

// WithSerializationContext binds the codec to a workflow.
func (c holdingConverter) WithSerializationContext(sc converter.SerializationContext) converter.DataConverter {
	return holdingConverter{converter.WithDataConverterSerializationContext(c.DataConverter, sc), c.inWorkflow}
}

// FromPayloads decodes several values.
func (c holdingConverter) FromPayloads(payloads *commonpb.Payloads, values ...any) error {
	err := c.DataConverter.FromPayloads(payloads, values...)
	if c.inWorkflow && unreadable(err) && slices.ContainsFunc(values, irreplaceable) {
		panic(err)
	}
	return err
}

// unreadable reports whether another key may read the payload. A payload that is not encrypted came from a caller
// without a key, so the workflow fails.
func unreadable(err error) bool { return errors.Is(err, ErrUnknownKey) || errors.Is(err, ErrTampered) }

func irreplaceable(value any) bool {
	_, ok := value.(Irreplaceable)
	return ok
}
