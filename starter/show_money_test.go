package main

import (
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
)

// TestShowSaysWhatAPlanPaysBack: out of network the command shows the expected amount, or which figure to ask the insurer for.
func TestShowSaysWhatAPlanPaysBack(t *testing.T) {
	t.Parallel()
	chart := &care.Chart{Zone: clock.ZoneOf(time.UTC, time.Unix(1800000000, 0))}
	for want, back := range map[string]*care.PaidBack{
		"":       nil,
		"$90.00": {Cents: 9000, Allowed: 15000},
		"unknown\tout of network; ask the insurer for the deductible": {Lacks: []string{"the deductible"}},
	} {
		var out strings.Builder
		moneyView{Session: care.SessionCost{List: 20000, Client: 20000, OutOfNetwork: back != nil, PaidBack: back, AsOf: time.Unix(1800000000, 0)}}.print(&out, chart)
		if !strings.Contains(out.String(), want) || strings.Contains(out.String(), "pay the client back") != (back != nil) {
			t.Errorf("want %q:\n%s", want, out.String())
		}
	}
}
