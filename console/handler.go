// Package console serves people and providers over HTTP: clients' pages, and the addresses to which the message
// providers report. It passes what it receives to the desk and holds no rules.
package console

import "net/http"

// Part is one part of the console, such as the providers' webhooks or the clients' pages.
type Part interface {
	// Mount adds the part's routes to the mux, as "METHOD /path". Two parts must not share a path.
	Mount(mux *http.ServeMux)
}

// Handler serves the parts. Every answer has the headers that isolate a page (security rule S13).
func Handler(parts ...Part) http.Handler {
	mux := http.NewServeMux()
	for _, p := range parts {
		p.Mount(mux)
	}
	// HAZARD: requests with neither Origin nor Sec-Fetch-Site pass, since providers send neither. Every handler that
	// changes something must also check a signature, a token or a sign-in.
	return guarded(http.NewCrossOriginProtection().Handler(mux))
}

// contentPolicy lets a page load its own style sheet, script, pictures and forms, and nothing from other hosts.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Strict-Transport-Security", "max-age=31536000")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
