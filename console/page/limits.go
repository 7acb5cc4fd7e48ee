package page

import (
	"net/http"
	"time"

	"github.com/go-chi/httprate"

	"kapflow/console/limits"
)

// Limits on requests for pages. They slow down guessing and abuse of text messages. Normal use stays below them.
const (
	perAddress = 120 // requests a minute from one network
	perToken   = 40  // requests a minute for one token
	codesEach  = 30  // codes by text message a minute, over all clients
)

// limited applies the limits before anything is looked up.
func (s *Site) limited(next http.Handler) http.Handler {
	over := limits.Over(func(w http.ResponseWriter, _ *http.Request) {
		s.write(w, http.StatusTooManyRequests, nil, Content{Title: "Too many attempts", Template: "said",
			Data: said{Words: "Please wait a minute and try again, or call us."}})
	})
	byAddress := httprate.LimitBy(perAddress, time.Minute, func(r *http.Request) (string, error) {
		if _, _, ok := address(r.URL.Path); !ok {
			return "junk " + limits.Network(r, s.AddressHeader), nil // so that it does not use up what a client at the same address has
		}
		return limits.Network(r, s.AddressHeader), nil
	}, over)
	byToken := httprate.LimitBy(perToken, time.Minute, func(r *http.Request) (string, error) {
		token, _, _ := address(r.URL.Path) // empty for a path that is none; those share one budget
		return token, nil
	}, over)
	return byAddress(byToken(next))
}

// codesInTime limits codes over all clients. It counts only requests with a link that opens: others can be made by anybody.
func codesInTime() *httprate.RateLimiter { return httprate.NewRateLimiter(codesEach, time.Minute) }
