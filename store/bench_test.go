package store_test

import (
	"fmt"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
)

// What one step of a journey and one look at the board cost, to be watched like a price.

func BenchmarkSaveChart(b *testing.B) {
	s := setup(b)
	chart := s.enrolled("client-a")
	for i := 0; b.Loop(); i++ {
		now := day.Add(time.Duration(i) * time.Second)
		with := fmt.Sprintf(`{"fee_set":"medical","amount":100,"method":"card","key":"k-%d"}`, i)
		b.StopTimer()
		chart.Receipts, chart.Account.Payments = nil, nil // a chart grows; a step should not
		step := record(b, chart, now, told{person.Coordinator, "payment-received", fmt.Sprintf("f-%d", i), with})
		b.StartTimer()
		s.save(step)
	}
}

func BenchmarkClaimAndSettle(b *testing.B) {
	s := setup(b)
	s.enrolled("client-a")
	for i := 0; b.Loop(); i++ {
		l := delivery(fmt.Sprintf("k-%d", i))
		s.claim(l, letItGo)
		s.settle(message.DeliveryResult{Key: named(l.Key().String()), State: message.StateSent, Text: "See you", At: day})
	}
}

func BenchmarkBoardOf200(b *testing.B) {
	s := setup(b)
	for i := range 200 {
		s.enrolled(fmt.Sprintf("client-%d", i))
	}
	for b.Loop() {
		if _, err := s.Board(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
