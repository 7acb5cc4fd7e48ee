package message

// SetTable puts another table of transitions in place of the one in use, and gives that one. Nothing may run beside it.
func SetTable(t Table) (before Table) {
	before, table = table, t
	return before
}
