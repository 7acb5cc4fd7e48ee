package wiring

import (
	"slices"
	"time"

	"kapflow/care"
)

// save is one step of the chart on its way to Postgres. Until it is there, nobody was told that its fact was recorded.
type save struct {
	care.Save
	at   time.Time // when it arrives
	then func()    // what is promised from then on
}

// keep sends a step of the chart to Postgres, which may be slow: a later step may be there first.
func (w *world) keep(s *save) {
	s.Chart = w.chart.Clone()
	w.savedTo = s.Chart.Version
	w.saves = append(w.saves, s)
	w.arrive()
}

// arrive has the saves arrive whose time has come. A chart knows all that the ones before it knew.
func (w *world) arrive() {
	for i := 0; i < len(w.saves); i++ {
		s := w.saves[i]
		if s.at.After(w.now) {
			continue
		}
		w.must(w.house.Store.SaveChart(w.Context(), s.Save))
		for _, known := range w.saves[:i+1] {
			if known.then != nil {
				known.then()
				known.then = nil
			}
		}
		w.saves = slices.Delete(w.saves, i, i+1)
		i--
	}
}
