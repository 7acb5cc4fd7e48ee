package main

import (
	"kapflow/starter/words"
)

type wordsCommand struct {
	Markdown bool `help:"Print the page docs/words.md."`
}

// Run lists every sentence that the product can say. It reads them from the sources, so it runs inside a checkout only.
func (c wordsCommand) Run(t terminal) error {
	root, err := words.Root(".")
	if err != nil {
		return err
	}
	all, err := words.Collect(root)
	if err != nil {
		return err
	}
	if c.Markdown {
		return words.Page(t.out, all)
	}
	return words.List(t.out, all)
}
