package console

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// page is a part with one route that changes something.
type page struct{}

func (page) Mount(mux *http.ServeMux) {
	mux.HandleFunc("POST /page", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "done") })
}

func TestEveryAnswerKeepsToItself(t *testing.T) {
	t.Parallel()
	handler := Handler(page{})
	for name, c := range map[string]struct {
		method, path, origin string
		status               int
	}{
		"Own":          {"POST", "/page", "", http.StatusOK},
		"OtherOrigin":  {"POST", "/page", "https://elsewhere.example", http.StatusForbidden},
		"OtherMethod":  {"GET", "/page", "", http.StatusMethodNotAllowed},
		"NoSuchPage":   {"GET", "/nothing", "", http.StatusNotFound},
		"NotAnOutPath": {"GET", "/../page", "", http.StatusTemporaryRedirect},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d", name, w.Code, c.status)
		}
		for header, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"} {
			if got := w.Header().Get(header); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s is %q, want %s", name, header, got, want)
			}
		}
	}
}
