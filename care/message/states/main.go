// Command states prints docs/message-states.md from the tables of care/message, so that the two cannot differ.
package main

import (
	"fmt"

	"kapflow/care/message"
)

func main() { fmt.Print(message.Page()) }
