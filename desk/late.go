package desk

import (
	"context"
	"errors"
	"fmt"

	"kapflow/care"
)

// whyLate adds to an error of Temporal that the disk is full, of which Temporal itself says nothing.
func (d *Desk) whyLate(ctx context.Context, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	if full := d.Store.Room(ctx); errors.Is(full, care.ErrDiskFull) {
		return fmt.Errorf("%w: %w", full, err)
	}
	return err
}
