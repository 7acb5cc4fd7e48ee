package engine

import (
	"context"
	"errors"
	"slices"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
)

// Irreplaceable marks a workflow's input without which the workflow cannot go on and that nobody can send again. If a
// worker cannot decrypt it, the fault is the worker's keys: its task fails and waits for a worker that has the right
// ones. The SDK on its own would end the workflow as failed.
type Irreplaceable interface{ Irreplaceable() }

// holdingConverter panics in workflow code instead of returning an error when an Irreplaceable value cannot be
// decrypted: only a panic fails the task and not the workflow. Everywhere else, updates included, a payload that does
// not decrypt stays an error, so that nobody without a key can hold up a workflow by sending it rubbish.
type holdingConverter struct {
	converter.DataConverter
	inWorkflow bool
}

var (
	_ workflow.ContextAware                           = holdingConverter{}
	_ converter.DataConverterWithSerializationContext = holdingConverter{}
)

// WithWorkflowContext is called by the SDK for what it decodes inside workflow code.
func (c holdingConverter) WithWorkflowContext(ctx workflow.Context) converter.DataConverter {
	inner := c.DataConverter
	if aware, ok := inner.(workflow.ContextAware); ok {
		inner = aware.WithWorkflowContext(ctx)
	}
	return holdingConverter{inner, true}
}

// WithContext is called by the SDK for what it decodes in activities and clients.
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

// unreadable: another key may read it. What is not encrypted at all came from somebody without a key and ends as failed.
func unreadable(err error) bool { return errors.Is(err, ErrUnknownKey) || errors.Is(err, ErrTampered) }

func irreplaceable(value any) bool {
	_, ok := value.(Irreplaceable)
	return ok
}
