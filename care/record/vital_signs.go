package record

import (
	"slices"

	"kapflow/care"
)

// VitalSigns is one reading of an infusion day with its entry: the baseline of the check-in sheet, or one taken after the
// start.
type VitalSigns struct {
	care.Entry
	care.Vitals
	Appointment string
	Baseline    bool
}

// VitalSignsOf gives every reading in the order in which they were recorded. A sheet without any vital sign is none.
func VitalSignsOf(r HealthRecord) ([]VitalSigns, error) {
	sheets, err := FactsOf[*care.InfusionCheckedIn](r)
	if err != nil {
		return nil, err
	}
	readings, err := FactsOf[*care.VitalsRecorded](r)
	if err != nil {
		return nil, err
	}
	var out []VitalSigns
	for _, x := range sheets {
		if v := x.Fact.Vitals(); v != (care.Vitals{}) {
			out = append(out, VitalSigns{x.Entry, v, x.Fact.Appointment, true})
		}
	}
	for _, x := range readings {
		out = append(out, VitalSigns{x.Entry, x.Fact.Vitals(), x.Fact.Appointment, false})
	}
	slices.SortStableFunc(out, func(a, b VitalSigns) int { return a.Seq - b.Seq })
	return out, nil
}
