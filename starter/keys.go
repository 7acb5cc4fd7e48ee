package main

// keysCommand has the commands for the practice's field keys.
type keysCommand struct {
	Show   keysShowCommand   `cmd:"" help:"Show which field keys are needed, and for how much."`
	Reseal keysResealCommand `cmd:"" help:"Seal everything again that is under an older field key. It can be ended and run again at any time."`
}
