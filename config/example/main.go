// Command example prints .env.example from the settings, so that the two cannot tell different stories.
package main

import (
	"os"

	"kapflow/config"
)

func main() { _, _ = os.Stdout.WriteString(config.Example()) }
