package care_test

import (
	"testing"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// TestTwoPeopleHaveTwoIDs: wherever two people are asked for, the id of the first under another role, or written otherwise, is not a
// second person.
func TestTwoPeopleHaveTwoIDs(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]person.Actor{
		"Refund":     {ID: "pat", Role: person.Coordinator},
		"DrugRecord": {ID: "noor", Role: person.Nurse},
	} {
		for _, second := range []struct {
			by  person.Actor
			two bool
		}{
			{first, false},
			{person.Actor{ID: first.ID, Role: person.Physician}, false},
			{person.Actor{ID: "PAT", Role: person.Physician}, name != "Refund"},
			{person.Actor{ID: " pat ", Role: person.Physician}, name != "Refund"},
			{person.Actor{ID: "NOOR", Role: person.Physician}, name == "Refund"},
			{person.Actor{ID: "dr-stone", Role: person.Physician}, true},
			{person.Actor{ID: "kim", Role: person.Physician}, true},
		} {
			var err error
			if name == "Refund" {
				err = refundBy(t, first, second.by)
			} else {
				err = drugBy(t, second.by, first.ID) // the witness is one and who records it the other
			}
			if (err == nil) != second.two {
				t.Errorf("%s by %v and %v: %v", name, first, second.by, err)
			}
			if err != nil && !second.two {
				if r := refusal(t, err); !r.Has(care.CodeNotYourRole) && !r.Has(care.CodeInvalid) {
					t.Errorf("%s by %v and %v is refused with %v", name, first, second.by, r)
				}
			}
		}
	}
}

// refundBy approves a refund that needs two people.
func refundBy(t *testing.T, first, second person.Actor) error {
	t.Helper()
	k := accepted(t, changed(func(p *policy.Policy) { p.Money.SecondApprovalOver = 100000 }))
	k.do(person.Client, "package-chosen", with{"package": "six"})
	k.do(person.Coordinator, "payment-received", pay("medical", money.PackageSixPrice, "1"))
	k.do(person.Client, "withdrawn", with{})
	refund := report(person.Coordinator, "", with{"amount": 350000, "reason": "ref:1", "key": "r"})
	refund.By = first
	if _, err := k.chart.Record("refund-approved", refund, k.now); err != nil {
		t.Fatal(err)
	}
	refund.By = second
	_, err := k.chart.Record("refund-approved", refund, k.now)
	return err
}

// drugBy records what was given, with waste in front of a witness.
func drugBy(t *testing.T, by person.Actor, witness string) error {
	t.Helper()
	k := ready(t, changed(func(p *policy.Policy) { p.Infusions.RecordLot, p.Infusions.RecordWaste = true, true }), "six")
	k.to(9, 8, 0).do(person.Coordinator, "appointment-booked", with{"kind": "infusion", "start": stamp(at(9, 10, 0))})
	k.run(9, "infusion-1")
	given := report(by.Role, "", with{"appointment": "infusion-1", "dose_mg": 35.5, "lot": "AB-12", "expires_on": stamp(at(31, 0, 0)), "waste_mg": 14.5, "witness": witness})
	given.By = by
	_, err := k.chart.Record("drug-given", given, k.now)
	return err
}
