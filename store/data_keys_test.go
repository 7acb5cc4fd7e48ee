package store

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestDataKeysInMemoryAreBoundedAndForgotten: a key leaves after its time, many do not pile up, and the practice's own stays.
func TestDataKeysInMemoryAreBoundedAndForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var keys dataKeys
		keys.put("", dataKey{id: "practice", at: time.Now()})
		for n := range mostDataKeys + 500 {
			keys.put(fmt.Sprintf("client-%d", n), dataKey{id: "x", at: time.Now()})
		}
		if len(keys.by) > mostDataKeys {
			t.Errorf("%d keys are in memory", len(keys.by))
		}
		last := fmt.Sprintf("client-%d", mostDataKeys+499)
		if _, ok := keys.get(last); !ok {
			t.Error("the newest key is not there")
		}
		time.Sleep(keepDataKey)
		if _, ok := keys.get(last); ok {
			t.Error("a key is used after its time")
		}
		if _, ok := keys.get(""); !ok {
			t.Error("the practice's own key is gone")
		}
		keys.put(last, dataKey{id: "x", at: time.Now()})
		keys.forget(last)
		if _, ok := keys.get(last); ok {
			t.Error("a key that was erased is still there")
		}
	})
}
