package page

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/go-chi/httprate"
)

// Limits on requests for pages. They slow down guessing and abuse of text messages. Normal use stays below them.
const (
	perAddress = 120 // requests a minute from one network
	perToken   = 40  // requests a minute for one token
	codesEach  = 30  // codes by text message a minute, over all clients
)

// limited applies the limits before anything is looked up.
func (s *Site) limited(next http.Handler) http.Handler {
	over := httprate.WithLimitHandler(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		s.write(w, http.StatusTooManyRequests, nil, Content{Title: "Too many attempts", Template: "said",
			Data: said{Words: "Please wait a minute and try again, or call us."}})
	})
	byAddress := httprate.LimitBy(perAddress, time.Minute, func(r *http.Request) (string, error) {
		if _, _, ok := address(r.URL.Path); !ok {
			return "junk " + network(s.address(r)), nil // so that it does not use up what a client at the same address has
		}
		return network(s.address(r)), nil
	}, over)
	byToken := httprate.LimitBy(perToken, time.Minute, func(r *http.Request) (string, error) {
		token, _, _ := address(r.URL.Path) // empty for a path that is none; those share one budget
		return token, nil
	}, over)
	return byAddress(byToken(next))
}

// codesInTime limits codes over all clients. It counts only requests with a link that opens: others can be made by anybody.
func codesInTime() *httprate.RateLimiter { return httprate.NewRateLimiter(codesEach, time.Minute) }

// network is the part of an address that one household or attacker has: all of IPv4, and the first 64 bits of IPv6.
func network(address string) string {
	parsed, err := netip.ParseAddr(strings.Trim(address, "[]"))
	if err != nil {
		return address
	}
	parsed = parsed.Unmap().WithZone("")
	if parsed.Is4() {
		return parsed.String()
	}
	prefix, err := parsed.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
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
