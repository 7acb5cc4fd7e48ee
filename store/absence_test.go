package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kapflow/care"
)

func TestAbsenceIsNotedOnceAndFoundInItsTimeOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 2 { // the same report again changes nothing
		if revision, err := b.NoteAbsence(t.Context(), care.Absence{ID: "report-1", Clinician: "psy-a", From: at(8, 0), To: at(12, 0)}); err != nil || revision != 1 {
			t.Fatal(revision, err)
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

func TestAbsenceIsReplacedShortenedAndTakenBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	away := func(hour int) bool {
		got, err := b.Away(t.Context(), slot("client-a", "evaluation-1", at(hour, 0), at(hour, 30), "psy-a"))
		if err != nil {
			t.Fatal(err)
		}
		return len(got) > 0
	}
	note := func(from, to, want int) {
		t.Helper()
		if revision, err := b.NoteAbsence(t.Context(), care.Absence{ID: "away-1", Clinician: "psy-a", From: at(from, 0), To: at(to, 0)}); err != nil || revision != want {
			t.Fatalf("revision %d, want %d: %v", revision, want, err)
		}
	}
	note(8, 12, 1)
	note(14, 18, 2)
	note(14, 18, 2)
	if away(9) || !away(15) {
		t.Error("other days did not replace the absence")
	}
	back := at(16, 0)
	for range 2 {
		was, revision, found, err := b.EndAbsence(t.Context(), "away-1", &back)
		if err != nil || !found || revision != 3 || was.Clinician != "psy-a" || !was.From.Equal(at(14, 0)) {
			t.Fatalf("%+v, revision %d, %v, %v", was, revision, found, err)
		}
	}
	if !away(15) || away(17) {
		t.Error("the absence was not shortened")
	}
	for range 2 {
		if _, revision, found, err := b.EndAbsence(t.Context(), "away-1", nil); err != nil || !found || revision != 4 {
			t.Fatal(revision, found, err)
		}
	}
	if away(15) {
		t.Error("the absence was not taken back")
	}
	note(8, 12, 5)
	if !away(9) {
		t.Error("an absence that was taken back cannot be noted again")
	}
	if _, _, found, err := b.EndAbsence(t.Context(), "away-2", nil); err != nil || found {
		t.Errorf("an absence that nobody noted was ended: %v, %v", found, err)
	}
}
