package practice_test

import (
	"testing"
	"time"

	"kapflow/practice"
)

var now = time.Date(2027, 1, 4, 16, 0, 0, 0, time.UTC)

func TestSampleLoads(t *testing.T) {
	p, err := practice.Sample(now)
	if err != nil {
		t.Fatal(err)
	}
	q, err := practice.Load("practice.yaml", now)
	if err != nil {
		t.Fatal(err)
	}
	_ = q
	_ = p
}
