package documents

import (
	"bytes"
	"sync"
	"testing"
)

// Each document has fonts of its own. The PDF writer writes into the font it is given (a glyph's width, in place), so a shared one
// would change what later documents print, and documents made at the same time would race.
func TestDocumentsAreMadeAtTheSameTime(t *testing.T) {
	t.Parallel()
	before := make([][]byte, len(typefaces))
	for i, f := range typefaces {
		before[i] = append(bytes.Clone(f.regular), f.bold...)
	}
	var all sync.WaitGroup
	for _, name := range []string{"Zoë", "محمد علي", "李小龙", "Ա 一 ა"} {
		for range 2 {
			all.Go(func() {
				if _, err := (Document{Kind: "statement", Title: name}).PDF(); err != nil {
					t.Errorf("%q: %v", name, err)
				}
			})
		}
	}
	all.Wait()
	for i, f := range typefaces {
		if !bytes.Equal(before[i], append(bytes.Clone(f.regular), f.bold...)) {
			t.Errorf("making documents changed the font %s", f.family)
		}
	}
}
