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

// HTML makes a document as one page without outside files, for letter paper. The same document gives the same bytes.
func (d Document) HTML() ([]byte, error) {
	var w bytes.Buffer
	if err := page.Execute(&w, &d); err != nil {
		return nil, fmt.Errorf("make %s %s as a page: %w", d.Kind, d.Number, err)
	}
	return w.Bytes(), nil
}
