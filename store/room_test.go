package store_test

import "testing"

// TestRoomLeavesNothingBehind: it is asked whenever a journey answers late.
func TestRoomLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 3 {
		if err := b.Room(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n := b.count(`SELECT count(*) FROM draft`); n != 0 {
		t.Errorf("%d drafts are there", n)
	}
}
