// Package console is what Kapflow serves to people and to providers over HTTP: clients' one-tap pages, coordinators'
// pages, and the address to which the message providers report. It stands on top of the desk: nothing here decides.
package console

import "net/http"

// Part is one self-contained piece of the console, such as the providers' webhooks or the clients' pages.
type Part interface {
	// Mount adds the part's routes to the mux, as "METHOD /path". Two parts never share a path.
	Mount(mux *http.ServeMux)
}

// Handler serves the parts, each answer with the headers that keep a page to itself (security rule S13).
func Handler(parts ...Part) http.Handler {
	mux := http.NewServeMux()
	for _, p := range parts {
		p.Mount(mux)
	}
	// HAZARD: requests with neither Origin nor Sec-Fetch-Site pass, as providers' do. Whoever changes something must
	// check a signature, a token or a sign-in as well.
	return guarded(http.NewCrossOriginProtection().Handler(mux))
}

// contentPolicy lets a page use its own style sheet, script, pictures and forms, and nothing of anybody else's.
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
