package wiring

import (
	"kapflow/config"
	"kapflow/console"
)

// Console gives the parts of the console that this house serves.
func (h *House) Console(settings config.Settings) []console.Part {
	_ = settings
	return nil
}
