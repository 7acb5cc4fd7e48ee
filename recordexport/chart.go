package recordexport

import (
	"bytes"
	"fmt"
	"image/color"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	align "gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/record"
	"kapflow/care/wording"
)

// Sizes of the chart, in points. It has one panel for each measure, stacked above one time axis.
const (
	chartWidth  = 18 * vg.Centimeter
	panelHeight = 6.5 * vg.Centimeter
	gap         = 0.25 * vg.Centimeter
)

var (
	ink      = color.RGBA{R: 0x1f, G: 0x3a, B: 0x5f, A: 0xff}
	mark     = color.RGBA{R: 0x8a, G: 0x5a, B: 0x00, A: 0xff}
	quiet    = color.RGBA{R: 0x55, G: 0x55, B: 0x55, A: 0xff}
	bandTint = []uint8{0xff, 0xf6, 0xec, 0xe2, 0xd6} // darker for higher bands
)

// panel is one measure on the chart.
type panel struct {
	title  string
	top    float64
	bands  []care.Band
	points plotter.XYs
}

// Chart draws a client's measures over time as SVG, with the published cut-offs as bands and each infusion as a line.
// It returns nil if nothing was measured.
func Chart(t record.Trend, zone clock.Zone) ([]byte, error) {
	panels := panelsOf(t)
	if len(panels) == 0 {
		return nil, nil
	}
	from, to := stretch(t)
	canvas := vgsvg.New(chartWidth, panelHeight*vg.Length(len(panels)))
	whole := draw.New(canvas)
	for i, p := range panels {
		drawn, err := p.draw(t.Infusions, zone, from, to)
		if err != nil {
			return nil, fmt.Errorf("draw %s: %w", p.title, err)
		}
		top := panelHeight * vg.Length(len(panels)-i)
		drawn.Draw(draw.Crop(whole, gap, -2*gap, top-panelHeight+gap, top-whole.Max.Y-gap))
	}
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return nil, err
	}
	// The SVG does not contain the font, so add similar ones as alternatives.
	return bytes.ReplaceAll(out.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;")), nil
}

func panelsOf(t record.Trend) []panel {
	all := []panel{
		{title: "PHQ-9, 0 to 27: lower is better", top: float64(care.PHQ9.Highest()), bands: care.PHQ9.Bands()},
		{title: "GAD-7, 0 to 21: lower is better", top: float64(care.GAD7.Highest()), bands: care.GAD7.Bands()},
		{title: "Mood as the client rates it, 0 to 10: higher is better", top: 10},
	}
	for _, x := range t.Readings {
		at := float64(x.At.Unix())
		if x.PHQ9 != nil {
			all[0].points = append(all[0].points, plotter.XY{X: at, Y: float64(x.PHQ9.Total)})
		}
		if x.GAD7 != nil {
			all[1].points = append(all[1].points, plotter.XY{X: at, Y: float64(x.GAD7.Total)})
		}
		if x.Mood != nil {
			all[2].points = append(all[2].points, plotter.XY{X: at, Y: float64(*x.Mood)})
		}
	}
	var out []panel
	for _, p := range all {
		if len(p.points) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// stretch is the time range of the chart: every reading and infusion, with space at both ends.
func stretch(t record.Trend) (from, to time.Time) {
	see := func(at time.Time) {
		if from.IsZero() || at.Before(from) {
			from = at
		}
		if to.IsZero() || at.After(to) {
			to = at
		}
	}
	for _, x := range t.Readings {
		see(x.At)
	}
	for _, m := range t.Infusions {
		see(m.At)
	}
	room := max(to.Sub(from)/20, 24*time.Hour)
	return from.Add(-room), to.Add(room)
}

func (p panel) draw(infusions []record.Mark, zone clock.Zone, from, to time.Time) (*plot.Plot, error) {
	g := plot.New()
	for _, style := range []*align.Style{&g.Title.TextStyle, &g.X.Tick.Label, &g.Y.Tick.Label} {
		style.Font.Variant, style.Font.Size = "Sans", 9
	}
	g.Title.Text, g.Title.TextStyle.Font.Size, g.Title.Padding = p.title, 10, 14
	g.X.Min, g.X.Max, g.Y.Min, g.Y.Max = float64(from.Unix()), float64(to.Unix()), 0, p.top
	g.X.Tick.Marker, g.Y.Tick.Marker = days{zone}, steps(p.top)
	left, right := g.X.Min, g.X.Max
	for i, b := range p.bands {
		high := p.top
		if i+1 < len(p.bands) {
			high = float64(p.bands[i+1].From)
		}
		area, err := plotter.NewPolygon(plotter.XYs{{X: left, Y: float64(b.From)}, {X: right, Y: float64(b.From)}, {X: right, Y: high}, {X: left, Y: high}})
		if err != nil {
			return nil, err
		}
		tint := bandTint[min(i, len(bandTint)-1)]
		area.Color, area.LineStyle.Width = color.RGBA{R: 0xff, G: tint, B: tint - uint8(8*i), A: 0xff}, 0
		name, err := caption{left, (float64(b.From) + high) / 2, " " + wording.Title(b.Name), quiet}.plot(align.YCenter, align.XLeft)
		if err != nil {
			return nil, err
		}
		g.Add(area, name)
	}
	for i, m := range infusions {
		at := float64(m.At.Unix())
		line, err := plotter.NewLine(plotter.XYs{{X: at, Y: 0}, {X: at, Y: p.top}})
		if err != nil {
			return nil, err
		}
		line.Color, line.Width, line.Dashes = mark, 0.8, []vg.Length{3, 3}
		name, err := caption{at, p.top, fmt.Sprintf("Inf. %d", i+1), mark}.plot(align.YBottom, align.XCenter)
		if err != nil {
			return nil, err
		}
		g.Add(line, name)
	}
	line, dots, err := plotter.NewLinePoints(p.points)
	if err != nil {
		return nil, err
	}
	line.Color, line.Width, dots.Color, dots.Shape, dots.Radius = ink, 1.5, ink, draw.CircleGlyph{}, 2.5
	g.Add(line, dots)
	return g, nil
}

// caption is a text at a point of the diagram.
type caption struct {
	x, y  float64
	text  string
	color color.Color
}

// plot makes the caption as the diagram takes it.
func (w caption) plot(vertical align.YAlignment, horizontal align.XAlignment) (*plotter.Labels, error) {
	l, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{{X: w.x, Y: w.y}}, Labels: []string{w.text}})
	if err != nil {
		return nil, err
	}
	l.TextStyle[0].Color, l.TextStyle[0].Font.Size, l.TextStyle[0].Font.Variant = w.color, 7.5, "Sans"
	l.TextStyle[0].YAlign, l.TextStyle[0].XAlign = vertical, horizontal
	return l, nil
}

// days puts ticks at midnights in the practice's zone, eight at most.
type days struct{ zone clock.Zone }

// Ticks implements plot.Ticker.
func (d days) Ticks(low, high float64) []plot.Tick {
	from, to := time.Unix(int64(low), 0).UTC(), time.Unix(int64(high), 0).UTC()
	step := 1
	for _, step = range []int{1, 2, 7, 14, 28, 56, 112, 364} {
		if to.Sub(from) <= time.Duration(8*24*step)*time.Hour {
			break
		}
	}
	var ticks []plot.Tick
	for at := d.zone.AddDays(d.zone.Clock(from, 0, 0), 1); at.Before(to); at = d.zone.AddDays(at, step) {
		ticks = append(ticks, plot.Tick{Value: float64(at.Unix()), Label: d.zone.Local(at).Format("Jan 2")})
	}
	return ticks
}

// steps puts ticks at round whole numbers up to the top.
func steps(top float64) plot.Ticker {
	by := 5
	if top <= 10 {
		by = 2
	}
	var ticks []plot.Tick
	for n := 0; n <= int(top); n += by {
		ticks = append(ticks, plot.Tick{Value: float64(n), Label: fmt.Sprint(n)})
	}
	return plot.ConstantTicks(ticks)
}
