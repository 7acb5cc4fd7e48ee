package browser_test

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"kapflow/e2e/browser"
)

// guide takes a picture for the guides in docs/guide: what is in sight on a desk, in light.
func (s screen) guide(name string) {
	s.t.Helper()
	dir := os.Getenv(picturesVariable)
	if dir == "" || s.name != "desk" {
		return
	}
	path := filepath.Join(dir, "guide-"+name+".png")
	s.Do("screenshot", browser.Args{"path": path})
	body, err := os.ReadFile(path)
	must(s.t, err)
	whole, err := png.Decode(bytes.NewReader(body))
	must(s.t, err)
	var small bytes.Buffer
	must(s.t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, fewColors(whole)))
	must(s.t, os.WriteFile(path, small.Bytes(), 0o600))
}

// fewColors draws a picture with its 256 most frequent colors, which takes less than half the bytes. A page of text and plain areas
// looks the same: only the edges of letters have more colors.
func fewColors(whole image.Image) *image.Paletted {
	seen := map[color.RGBA]int{}
	area := whole.Bounds()
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			seen[color.RGBAModel.Convert(whole.At(x, y)).(color.RGBA)]++
		}
	}
	colors := slices.SortedFunc(maps.Keys(seen), func(a, b color.RGBA) int {
		return cmp.Or(seen[b]-seen[a], cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	few := image.NewPaletted(area, nil)
	for _, c := range colors[:min(256, len(colors))] {
		few.Palette = append(few.Palette, c)
	}
	draw.Draw(few, area, whole, area.Min, draw.Src)
	return few
}

// TestFewColorsKeepsWhatIsFrequent: a picture of few colors stays as it is, and one of many keeps the commonest.
func TestFewColorsKeepsWhatIsFrequent(t *testing.T) {
	t.Parallel()
	ink, paper := color.RGBA{10, 20, 30, 255}, color.RGBA{250, 250, 250, 255}
	whole := image.NewRGBA(image.Rect(0, 0, 40, 40))
	draw.Draw(whole, whole.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	draw.Draw(whole, image.Rect(0, 0, 40, 2), image.NewUniform(ink), image.Point{}, draw.Src)
	for n := range 400 { // each once
		whole.SetRGBA(n%40, 20+n/40, color.RGBA{uint8(n), uint8(n / 2), 90, 255})
	}
	few := fewColors(whole)
	if few.At(0, 0) != ink || few.At(0, 10) != paper || len(few.Palette) != 256 {
		t.Errorf("%v, %v, %d colors", few.At(0, 0), few.At(0, 10), len(few.Palette))
	}
}
