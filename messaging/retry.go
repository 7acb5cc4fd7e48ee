package messaging

import (
	"net/http"
	"strconv"
	"time"
)

// longestRetryAfter limits the wait that a provider may ask for. A longer wait counts as an outage.
const longestRetryAfter = 10 * time.Minute

// retryAfter reads how long to wait, from Retry-After in seconds or as a date, or from SendGrid's X-RateLimit-Reset in
// Unix time.
func retryAfter(h http.Header) time.Duration {
	wait := time.Duration(0)
	if text := h.Get("Retry-After"); text != "" {
		if seconds, err := strconv.Atoi(text); err == nil {
			wait = time.Duration(seconds) * time.Second
		} else if at, err := http.ParseTime(text); err == nil {
			wait = time.Until(at)
		}
	} else if at, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64); err == nil {
		wait = time.Until(time.Unix(at, 0))
	}
	return min(max(wait, 0), longestRetryAfter)
}
