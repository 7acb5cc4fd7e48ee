package desk

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/sdk/temporal"

	"kapflow/care"
)

// errKeysDiffer says that the worker answered with a key that this program does not have.
var errKeysDiffer = errors.New("the worker's answer cannot be read: give this program and the worker the same KAPFLOW_PAYLOAD_KEYS and start them again, then report this again with the same id")

// readable gives errKeysDiffer in the place of an answer that cannot be decoded: Temporal's library says nothing about it.
func readable(err error) error {
	var answer *temporal.ApplicationError
	if errors.As(err, &answer) && answer.Message() == "Encoded failure" {
		return errKeysDiffer
	}
	return err
}

// whyLate adds to an error of Temporal why a journey does not answer, of which the error says nothing: the disk is full, it cannot save, or
// the worker cannot go on with it.
func (d *Desk) whyLate(ctx context.Context, clientID string, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	if full := d.Store.Room(ctx); errors.Is(full, care.ErrDiskFull) {
		return fmt.Errorf("%w: %w", full, err)
	}
	if d.Waits != nil {
		if why := d.Waits(ctx, clientID); why != nil {
			return fmt.Errorf("%w: %w", why, err)
		}
	}
	return err
}
