package documents

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"lines": func(cell string) []string { return strings.Split(cell, "\n") },
}).Parse(pageText))

// HTML sets a document as one page that needs nothing beside itself and prints on letter paper. The same document gives
// the same bytes.
func (d Document) HTML() ([]byte, error) {
	var w bytes.Buffer
	if err := page.Execute(&w, &d); err != nil {
		return nil, fmt.Errorf("set %s %s as a page: %w", d.Kind, d.Number, err)
	}
	return w.Bytes(), nil
}
