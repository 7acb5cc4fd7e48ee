package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAbsenceIsNotedOnceAndFoundInItsTimeOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 2 { // the same report again changes nothing
		if err := b.NoteAbsence(t.Context(), "report-1", "psy-a", at(8, 0), at(12, 0)); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.count(`SELECT count(*) FROM absence`); n != 1 {
		t.Errorf("%d absences", n)
	}
	for name, c := range map[string]struct {
		from, to int
		people   []string
		want     []string
	}{
		"Within":           {9, 10, []string{"psy-a", "dr-a"}, []string{"psy-a"}},
		"UpToItsStart":     {7, 8, []string{"psy-a"}, nil},
		"FromItsEnd":       {12, 13, []string{"psy-a"}, nil},
		"SomebodyElse":     {9, 10, []string{"dr-a"}, nil},
		"NobodyIsNeeded":   {9, 10, nil, nil},
		"AroundAllOfIt":    {1, 20, []string{"psy-a"}, []string{"psy-a"}},
		"OverItsBeginning": {7, 9, []string{"psy-a"}, []string{"psy-a"}},
	} {
		got, err := b.Away(t.Context(), slot("client-a", "evaluation-1", at(c.from, 0), at(c.to, 0), c.people...))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); len(c.want)+len(got) > 0 && diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
