package care_test

import (
	"testing"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// TestWhatWasGivenIsRecorded: the dose, lot, expiry and waste with a witness, and who started and stopped the infusion.
func TestWhatWasGivenIsRecorded(t *testing.T) {
	t.Parallel()
	k := ready(t, changed(func(p *policy.Policy) { p.Infusions.RecordLot, p.Infusions.RecordWaste = true, true }), "six")
	k.to(9, 8, 0).do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	given := func(change with) with {
		w := with{"appointment": "infusion-1", "dose_mg": 35.5, "lot": "AB-12", "expires_on": stamp(at(31, 0, 0)), "waste_mg": 14.5, "witness": "dr-stone"}
		for key, value := range change {
			w[key] = value
		}
		return w
	}
	k.refused(care.CodeWrongState, person.Nurse, "drug-given", given(nil))
	k.run(9, "infusion-1")
	if x, ok := k.task("record-drug:infusion-1"); !ok || x.Role != person.Nurse {
		t.Errorf("nobody is asked what was given: %v", k.chart.Tasks(k.now))
	}
	for name, change := range map[string]with{
		"NoDose": {"dose_mg": 0}, "NegativeDose": {"dose_mg": -1}, "NoLot": {"lot": ""}, "NoExpiry": {"expires_on": nil}, "NoWaste": {"waste_mg": nil}, "NegativeWaste": {"waste_mg": -1},
		"NoWitness": {"witness": ""}, "OwnWitness": {"witness": "noor"},
	} {
		t.Run(name, func(t *testing.T) { k.refused(care.CodeInvalid, person.Nurse, "drug-given", given(change)) })
	}
	k.refused("unknown-clinician", person.Nurse, "drug-given", given(with{"witness": "ghost"}))
	k.do(person.Nurse, "drug-given", given(with{"waste_mg": 0, "witness": ""}))
	if got := k.do(person.Nurse, "drug-given", given(nil)).Entry.Effect; got != (care.Effect{About: "infusion-1", From: "35.5 mg", To: "35.5 mg"}) {
		t.Errorf("the correction is kept as %+v", got)
	}
	day := k.chart.Visit("infusion-1").Day
	nurse := person.Actor{ID: "noor", Role: person.Nurse}
	if day.StartedBy != nurse || day.StoppedBy != nurse || day.Drug.Lot != "AB-12" || day.Drug.WasteMG != 14.5 || day.Drug.Witness != "dr-stone" || day.Drug.By != nurse {
		t.Errorf("%+v %+v", day, day.Drug)
	}
	if _, ok := k.task("record-drug:infusion-1"); ok {
		t.Error("the task stays")
	}
}

// TestPressureThatCannotBeIsRefused at every entrance: the lower value is below the upper one.
func TestPressureThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		systolic, diastolic int
		refused             bool
	}{{120, 80, false}, {120, 119, false}, {120, 120, true}, {80, 120, true}, {90, 180, true}, {0, 80, false}, {120, 0, false}} {
		k := ready(t, samplePolicy(), "six")
		k.to(9, 8, 0).do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
		k.to(9, 9, 50)
		reading := with{"appointment": "infusion-1", "systolic": x.systolic, "diastolic": x.diastolic}
		if err := k.chart.Check("infusion-checked-in", report(person.Nurse, "", reading), k.now); (err != nil) != x.refused {
			t.Errorf("check-in %+v: %v", x, err)
		}
		k.do(person.Nurse, "infusion-checked-in", sheet("infusion-1"))
		k.refused(care.CodeInvalid, person.Nurse, "infusion-checked-in", with{"appointment": "infusion-1", "diastolic": 130}) // over the 120 measured before
		k.to(9, 10, 0).do(person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
		reading["pulse"], reading["spo2"] = 70, 98
		if err := k.chart.Check("vitals-recorded", report(person.Nurse, "", reading), k.now); (err != nil) != (x.refused || x.systolic == 0 || x.diastolic == 0) {
			t.Errorf("reading %+v: %v", x, err)
		}
	}
}

// TestDoseOutsideThePhysiciansRangeIsConfirmed: the range is the physician's, and the refusal names no other dose.
func TestDoseOutsideThePhysiciansRangeIsConfirmed(t *testing.T) {
	t.Parallel()
	k := accepted(t, changed(func(p *policy.Policy) {
		p.Infusions.DoseRange = policy.DoseRange{LowMG: 20, HighMG: 60.5, SetBy: "dr-stone"}
	}))
	order := func(mg float64, confirmed bool) with {
		return with{"dose_mg": mg, "inputs": fiveInputs, "outside_range_confirmed": confirmed}
	}
	for _, mg := range []float64{0.1, 19.999, 60.501, 350} {
		if r := k.refused("dose-outside-range", person.Physician, "dose-ordered", order(mg, false)); len(r.Problems) != 1 {
			t.Errorf("%v", r)
		}
		k.do(person.Physician, "dose-ordered", order(mg, true))
	}
	for _, mg := range []float64{20, 35, 60.5} {
		k.do(person.Physician, "dose-ordered", order(mg, false))
	}
	none := accepted(t, samplePolicy())
	none.do(person.Physician, "dose-ordered", order(350, false))
}

// TestWhatThePhysicianDecidesOnIsKept: allergies, medication, weight and pregnancy test have fields at the consult and at check-in.
func TestWhatThePhysicianDecidesOnIsKept(t *testing.T) {
	t.Parallel()
	k := ready(t, samplePolicy(), "six")
	body := with{"outcome": "cleared", "allergies": "ref:1", "medication": "ref:2", "weight_kg": 71.5, "pregnancy_test": "negative"}
	k.do(person.Physician, "consult-decided", body)
	for field, value := range map[string]any{"weight_kg": 7, "pregnancy_test": "perhaps"} {
		k.refused(care.CodeInvalid, person.Physician, "consult-decided", with{"outcome": "cleared", field: value})
	}
	k.to(9, 8, 0).do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	k.to(9, 9, 50).do(person.Nurse, "infusion-checked-in", sheet("infusion-1", with{"weight_kg": 72, "pregnancy_test": "positive"}))
	k.refused("something-new", person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
	k.do(person.Nurse, "infusion-checked-in", with{"appointment": "infusion-1", "pregnancy_test": "negative"})
	k.do(person.Nurse, "infusion-started", with{"appointment": "infusion-1"})
}
