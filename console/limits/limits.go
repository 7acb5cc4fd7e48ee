// Package limits holds what the clients' pages and the staff console share to slow down guessing.
package limits

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/go-chi/httprate"
)

// Address gives the address that a request comes from: as written by the practice's own proxy into a header, or of the
// connection if there is no such header.
//
// HAZARD: only the last value of the header counts, because the proxy added it. The browser can set the ones before it.
func Address(r *http.Request, header string) string {
	if header != "" {
		if values := strings.Split(strings.Join(r.Header.Values(header), ","), ","); values[len(values)-1] != "" {
			return strings.TrimSpace(values[len(values)-1])
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// Network gives the network that a request comes from.
func Network(r *http.Request, header string) string { return NetworkOf(Address(r, header)) }

// NetworkOf gives the part of an address that one household or attacker has: all of IPv4, and the first 64 bits of IPv6.
func NetworkOf(address string) string {
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

// ByAddress lets a network ask so many times a minute. over answers what is more, with the header Retry-After set.
func ByAddress(times int, header string, over http.HandlerFunc) func(http.Handler) http.Handler {
	return httprate.LimitBy(times, time.Minute, func(r *http.Request) (string, error) { return Network(r, header), nil }, Over(over))
}

// Over sets who answers requests above a limit. The header Retry-After is set.
func Over(answer http.HandlerFunc) httprate.Option {
	return httprate.WithLimitHandler(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "60")
		answer(w, r)
	})
}
