package console

import (
	"sync"
	"time"
)

// refusalsEvery is the time between two log lines about requests without a signature.
const refusalsEvery = time.Minute

// refusals counts requests without a provider's signature, so that a flood of them is one line a minute in the log.
type refusals struct {
	mu      sync.Mutex
	waiting map[string]int
	told    map[string]time.Time
}

// count adds one for a provider. It returns how many were not told yet if a line about them is due, else 0.
func (r *refusals) count(provider string, now time.Time) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told == nil {
		r.waiting, r.told = map[string]int{}, map[string]time.Time{}
	}
	r.waiting[provider]++
	if last, told := r.told[provider]; told && now.Sub(last) < refusalsEvery {
		return 0
	}
	n := r.waiting[provider]
	r.waiting[provider], r.told[provider] = 0, now
	return n
}
