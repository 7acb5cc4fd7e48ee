package page

import (
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/httprate"
)

// Limits on requests for pages. They slow down guessing and abuse of text messages. Normal use stays below them.
const (
	perAddress = 120 // requests a minute from one address
	perToken   = 40  // requests a minute for tokens with the same beginning
	codesEach  = 30  // codes by text message a minute, over all clients
)

// limited applies the limits before anything is looked up.
func (s *Site) limited(next http.Handler) http.Handler {
	over := httprate.WithLimitHandler(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		s.write(w, http.StatusTooManyRequests, nil, Content{Title: "Too many attempts", Template: "said",
			Data: said{Words: "Please wait a minute and try again, or call us."}})
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

// address gives the address that a request comes from: as written by the practice's own proxy, or of the connection.
//
// HAZARD: only the last value of the header counts, because the proxy added it. The browser can set the ones before it.
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
