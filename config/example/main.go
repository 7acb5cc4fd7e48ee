// Command example prints .env.example from the settings, so that they never differ.
package main

import (
	"os"

	"kapflow/config"
)

func main() { _, _ = os.Stdout.WriteString(config.Example()) }
