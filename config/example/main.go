// Command example prints a file that is made from the settings, so that they never differ: .env.example, or docker-compose.yml if
// its argument is compose.
package main

import (
	"os"

	"kapflow/config"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "compose" {
		_, _ = os.Stdout.WriteString(config.Compose())
		return
	}
	_, _ = os.Stdout.WriteString(config.Example())
}
