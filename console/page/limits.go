package page

import (
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/httprate"

	"kapflow/console/limits"
)

// Limits on requests for pages. They slow down guessing and abuse of text messages. Normal use stays below them.
const (
	perAddress = 120 // requests a minute from one address
	perToken   = 40  // requests a minute for tokens with the same beginning
	codesEach  = 30  // codes by text message a minute, over all clients
)

// limited applies the limits before anything is looked up.
func (s *Site) limited(next http.Handler) http.Handler {
	answer := func(w http.ResponseWriter, _ *http.Request) {
		s.write(w, http.StatusTooManyRequests, nil, Content{Title: "Too many attempts", Template: "said",
			Data: said{Words: "Please wait a minute and try again, or call us."}})
	}
	byAddress := limits.ByAddress(perAddress, s.AddressHeader, answer)
	byToken := httprate.LimitBy(perToken, time.Minute, func(r *http.Request) (string, error) {
		return strings.TrimPrefix(r.URL.Path, "/")[:min(8, max(0, len(r.URL.Path)-1))], nil
	}, limits.Over(answer))
	codes := httprate.LimitBy(codesEach, time.Minute, httprate.Key("codes"), limits.Over(answer))
	withCodes := codes(next)
	return byAddress(byToken(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/code") {
			withCodes.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})))
}
