package care_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
)

// TestAClonedChartSharesNothing holds that a clone finds every part that a chart can share: each field that Clone does not look
// into is a plain value. The random sequences hold it for the charts themselves.
func TestAClonedChartSharesNothing(t *testing.T) {
	t.Parallel()
	chart := &care.Chart{Handled: map[message.Key]message.Result{{Verb: "reminder"}: "sent"}, Lost: []message.ChannelKey{{}},
		Goals: &care.Done{Ref: "private-1"}}
	if shared := sharedParts(reflect.ValueOf(*chart), reflect.ValueOf(*chart), "chart"); len(shared) < 3 {
		t.Fatalf("a chart shares only %s with itself", shared)
	}
	clone := chart.Clone()
	clone.Goals.Ref = "private-2"
	if chart.Goals.Ref != "private-1" {
		t.Error("a change of the clone changed the chart")
	}
	if hidden := hiddenParts(reflect.TypeFor[care.Chart](), map[reflect.Type]bool{}); !slices.Equal(hidden, []string{"Chart.posted"}) {
		t.Errorf("Clone copies only exported fields, and would share %s", hidden)
	}
}

// hiddenParts lists the unexported fields of a type, at any depth, that two values could share.
func hiddenParts(t reflect.Type, seen map[reflect.Type]bool) []string {
	if seen[t] || t == reflect.TypeFor[time.Time]() {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface, reflect.Chan, reflect.Func:
		return []string{t.String()}
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return hiddenParts(t.Elem(), seen)
	case reflect.Map:
		return append(hiddenParts(t.Key(), seen), hiddenParts(t.Elem(), seen)...)
	case reflect.Struct:
		var out []string
		for i := range t.NumField() {
			f := t.Field(i)
			switch k := f.Type.Kind(); {
			case f.IsExported():
				out = append(out, hiddenParts(f.Type, seen)...)
			case k > reflect.Complex128 && k != reflect.String:
				out = append(out, t.Name()+"."+f.Name)
			}
		}
		return out
	}
	return nil
}

// sharedParts lists where two values use the same memory.
func sharedParts(a, b reflect.Value, path string) []string {
	if a.Type() == reflect.TypeFor[time.Time]() {
		return nil
	}
	var out []string
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() {
			return nil
		}
		if a.Pointer() == b.Pointer() {
			out = append(out, path)
		}
		out = append(out, sharedParts(a.Elem(), b.Elem(), path)...)
	case reflect.Slice:
		if a.Len() > 0 && a.Pointer() == b.Pointer() {
			out = append(out, path)
		}
		for i := range a.Len() {
			out = append(out, sharedParts(a.Index(i), b.Index(i), path+"[]")...)
		}
	case reflect.Map:
		if !a.IsNil() && a.Pointer() == b.Pointer() {
			out = append(out, path)
		}
		for _, k := range a.MapKeys() {
			out = append(out, sharedParts(a.MapIndex(k), b.MapIndex(k), path+"[]")...)
		}
	case reflect.Struct:
		for i := range a.NumField() {
			if f := a.Type().Field(i); f.IsExported() {
				out = append(out, sharedParts(a.Field(i), b.Field(i), path+"."+f.Name)...)
			}
		}
	}
	return out
}

// readBack gives a chart as the store would: by way of JSON.
func readBack(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, chart *care.Chart) *care.Chart {
	t.Helper()
	b, err := json.Marshal(chart)
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	out := new(care.Chart)
	if err := json.Unmarshal(b, out); err != nil {
		t.Fatalf("unmarshal: %v", err)
	}
	return out
}
