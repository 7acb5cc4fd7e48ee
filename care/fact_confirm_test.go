package care_test

import (
	"fmt"
	"testing"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
)

// Numbers that may be a typing error are asked about before they are recorded, and taken once somebody confirmed them.

func TestUnusualPaymentsAreAskedAbout(t *testing.T) {
	t.Parallel()
	type payment struct {
		set    money.FeeSet
		amount int
		method string
		day    int
		asked  bool
	}
	med, psy := money.Medical, money.Psychotherapies
	for name, c := range map[string]struct {
		plan  string
		first payment
		then  []payment
	}{
		"package of six": {"six", payment{med, 100000, "card", 2, false}, []payment{
			{med, 100000, "card", 2, true}, {med, 100000, "cash", 2, true}, {med, 100000, "card", 3, false}, {med, 100001, "card", 2, false}, {psy, 100000, "card", 2, false},
			{med, 350000, "check", 3, false}, {med, 350001, "check", 3, true}, {med, 550000, "check", 3, true}, {med, 3500000, "check", 3, true}}},
		"package of ten": {"ten", payment{med, 5000, "hsa", 2, false}, []payment{{med, 550000, "card", 2, false}, {med, 550001, "card", 2, true}, {med, 5000, "hsa", 2, true}}},
		"singly":         {"none", payment{med, 47500, "card", 2, false}, []payment{{med, 60000, "card", 2, false}, {med, 47500, "card", 2, true}, {med, 6000000, "card", 2, true}}},
		"no plan yet":    {"", payment{med, 47500, "card", 2, false}, []payment{{med, 550000, "card", 2, false}, {med, 5500000, "card", 2, true}}},
		"psychotherapy":  {"six", payment{psy, 18000, "card", 2, false}, []payment{{psy, 18000, "card", 2, true}, {psy, 1800000, "card", 2, true}, {psy, 1800000, "insurer", 2, true}, {psy, 18000, "insurer", 2, false}}},
		"insurer":        {"six", payment{psy, 11000, "insurer", 2, false}, []payment{{psy, 11000, "insurer", 2, false}, {psy, 11000, "card", 2, false}}},
	} {
		for i, p := range c.then {
			k := accepted(t, samplePolicy())
			if c.plan != "" {
				k.do(person.Client, "package-chosen", with{"package": c.plan})
			}
			record := func(p payment, more with) error {
				k.to(p.day, 12, 0)
				fields := with{"fee_set": p.set, "amount": p.amount, "method": p.method}
				for name, v := range more {
					fields[name] = v
				}
				_, err := k.chart.Record("payment-received", report(person.Coordinator, "", fields), k.now)
				return err
			}
			if err := record(c.first, nil); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			err := record(p, nil)
			if asked := err != nil && refusal(t, err).Has(care.CodeConfirm); asked != p.asked || err != nil && !asked {
				t.Errorf("%s, payment %d %+v: %v", name, i, p, err)
			}
			if err := record(p, with{"confirmed": true}); err != nil {
				t.Errorf("%s, payment %d confirmed: %v", name, i, err)
			}
		}
	}
}

func TestUnusualDosesAreAskedAbout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dose  float64
		drawn any
		waste any
		day   int // on which the drug expires, in March; the infusion is on the 9th
		code  string
	}{
		{40, nil, nil, 31, ""}, {39.99, 50, 10.01, 31, ""}, {12, 50, 38, 31, ""}, {40, 50, 10, 9, ""}, {40, 40, nil, 31, ""},
		{40.1, nil, nil, 31, care.CodeConfirm}, {400, nil, nil, 31, care.CodeConfirm}, {40, nil, nil, 8, care.CodeConfirm},
		{40, 50, 9, 31, care.CodeInvalid}, {40, 50, 11, 31, care.CodeInvalid}, {40, 50, nil, 31, care.CodeInvalid}, {40, 0, 0, 31, care.CodeInvalid}, {40, -50, 10, 31, care.CodeInvalid},
	} {
		name := fmt.Sprintf("%v mg of %v, %v destroyed, expires on the %d", c.dose, c.drawn, c.waste, c.day)
		k := ready(t, samplePolicy(), "six")
		k.do(person.Physician, "dose-ordered", with{"dose_mg": 40, "inputs": fiveInputs})
		k.infuse(9)
		k.do(person.Physician, "dose-ordered", with{"dose_mg": 500, "inputs": fiveInputs}) // for the next one
		given := with{"appointment": "infusion-1", "dose_mg": c.dose, "drawn_mg": c.drawn, "waste_mg": c.waste, "expires_on": stamp(at(c.day, 0, 0)), "witness": "dr-stone"}
		_, err := k.chart.Record("drug-given", report(person.Nurse, "", given), k.now)
		switch {
		case c.code == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.code != "" && (err == nil || !refusal(t, err).Has(c.code)):
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		given["confirmed"] = true
		if c.code == care.CodeConfirm {
			k.do(person.Nurse, "drug-given", given)
		}
	}
}
