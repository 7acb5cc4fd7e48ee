package policy

import "slices"

// Measures says when PHQ-9 and GAD-7 are taken (safety rule D6). Those after an infusion are asked with the check-in
// of that day; the others are taken by a person, or on the page, under the names baseline and before-infusion-2.
type Measures struct {
	Baseline          bool  `json:"baseline"`
	BeforeInfusion    bool  `json:"before_infusion"`
	AfterInfusionDays []int `json:"after_infusion_days"`
	AfterSeriesDays   []int `json:"after_series_days"` // each has a check-in of its own
}

// WithMeasures reports whether the check-in at some hours after an infusion asks for the measures. This is the first one
// on or after each of the practice's days, or the last one if none is that late.
func (p Policy) WithMeasures(hours int) bool {
	return slices.ContainsFunc(p.Measures.AfterInfusionDays, func(days int) bool {
		chosen := slices.Max(p.CheckIns.AfterHours)
		for _, h := range p.CheckIns.AfterHours {
			if h >= 24*days {
				chosen = min(chosen, h)
			}
		}
		return hours == chosen
	})
}
