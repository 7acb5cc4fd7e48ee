package page

import (
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/httprate"
)

// Limits on how often pages are asked for. They keep guesses and pumped text messages down; a person never meets them.
const (
	perAddress = 120 // requests a minute from one address
	perToken   = 40  // requests a minute under one beginning of a token
	codesEach  = 30  // codes by text message a minute, over all clients
)

// limited holds the limits before anything is looked up.
func (s *Site) limited(next http.Handler) http.Handler {
	over := httprate.WithLimitHandler(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		s.write(w, http.StatusTooManyRequests, nil, Content{Title: "Too many tries", Template: "said",
			Data: said{Words: "Please wait a minute and try again, or call."}})
	})
	byAddress := httprate.LimitBy(perAddress, time.Minute, func(r *http.Request) (string, error) { return s.address(r), nil }, over)
	byToken := httprate.LimitBy(perToken, time.Minute, func(r *http.Request) (string, error) {
		return strings.TrimPrefix(r.URL.Path, "/")[:min(8, max(0, len(r.URL.Path)-1))], nil
	}, over)
	codes := httprate.LimitBy(codesEach, time.Minute, httprate.Key("codes"), over)
	withCodes := codes(next)
	return byAddress(byToken(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/code") {
			withCodes.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})))
}

// address is where a request comes from: what the practice's own proxy says, or the connection.
//
// HAZARD: the last value counts, which the proxy added; the ones before it are whatever the browser wrote.
func (s *Site) address(r *http.Request) string {
	if s.AddressHeader != "" {
		if values := strings.Split(strings.Join(r.Header.Values(s.AddressHeader), ","), ","); values[len(values)-1] != "" {
			return strings.TrimSpace(values[len(values)-1])
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
