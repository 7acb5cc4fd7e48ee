package engine

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// maxDecodeBody bounds one decoding request. The largest message Temporal itself takes is 4 MiB.
const maxDecodeBody = 4 << 20

// ErrUnauthorized is what an authorize function returns, or wraps, for a caller it does not know.
var ErrUnauthorized = errors.New("decoding needs a sign-in or a token")

// DecodeHandler serves POST …/decode, which the Temporal UI in a person's browser calls to show plain words where the
// server holds ciphertext. There is no /encode: with one, the UI could forge facts.
//
// allowedOrigin is asked at each request, because a demo learns its UI's port only after it has started; it must return
// the exact origin ("http://127.0.0.1:8080"), and while it returns "" no browser is served. authorize decides who may
// read; a nil one refuses everybody, so that forgetting it opens nothing. audit is told how many payloads are about to
// be shown, and if it fails they are not shown: what cannot be recorded does not happen, and a nil audit records nothing. The request's context reaches
// it, so whoever wraps this handler can say there who is asking.
//
// Payloads that aren't encrypted come back as they came: this endpoint only shows things, and the UI sends it all that
// it has, the SDK's own plain metadata included.
func DecodeHandler(codec *Codec, allowedOrigin func() string, authorize func(*http.Request) error, audit func(ctx context.Context, n int) error) http.Handler {
	return &decodeHandler{codec: codec, allowedOrigin: allowedOrigin, authorize: authorize, audit: audit}
}

type decodeHandler struct {
	codec         *Codec
	allowedOrigin func() string
	authorize     func(*http.Request) error
	audit         func(context.Context, int) error
}

func (h *decodeHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Add("Vary", "Origin")
	if !strings.HasSuffix(r.URL.Path, "/decode") {
		http.NotFound(w, r)
		return
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if allowed := h.origin(); allowed == "" || origin != allowed {
			http.Error(w, "this origin may not decode", http.StatusForbidden)
			return
		}
		header.Set("Access-Control-Allow-Origin", origin)
		header.Set("Access-Control-Allow-Credentials", "true")
	}
	switch r.Method {
	case http.MethodOptions: // a preflight carries no credentials, so it is answered before anyone is asked for them
		header.Set("Access-Control-Allow-Methods", "POST")
		header.Set("Access-Control-Allow-Headers", "Authorization, Authorization-Extras, Content-Type, X-Namespace")
		header.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPost:
		h.decode(w, r)
	default:
		header.Set("Allow", "POST, OPTIONS")
		http.Error(w, "use POST", http.StatusMethodNotAllowed)
	}
}

func (h *decodeHandler) decode(w http.ResponseWriter, r *http.Request) {
	if err := h.permit(r); err != nil {
		status := http.StatusForbidden
		if errors.Is(err, ErrUnauthorized) {
			status = http.StatusUnauthorized
		}
		http.Error(w, "you may not decode", status) // the reason stays inside: it helps only someone who is guessing
		return
	}
	// Anything but JSON could be sent by a page of another origin without a preflight.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		http.Error(w, "send application/json", http.StatusUnsupportedMediaType)
		return
	}
	payloads, status := readPayloads(w, r)
	if status != http.StatusOK {
		http.Error(w, http.StatusText(status), status)
		return
	}
	decoded, n, err := h.show(payloads)
	if err != nil {
		http.Error(w, "a payload could not be decoded: its key is not in this key ring, or it was changed", http.StatusBadRequest)
		return
	}
	if n > 0 {
		if err := h.record(r.Context(), n); err != nil {
			http.Error(w, "the audit trail cannot be written, so nothing is shown", http.StatusServiceUnavailable)
			return
		}
	}
	answer, err := protojson.Marshal(&commonpb.Payloads{Payloads: decoded})
	if err != nil {
		http.Error(w, "the payloads cannot be written as JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer)
}

// show decrypts what is encrypted and counts it; the rest passes.
func (h *decodeHandler) show(payloads []*commonpb.Payload) ([]*commonpb.Payload, int, error) {
	decoded, n := make([]*commonpb.Payload, len(payloads)), 0
	for i, payload := range payloads {
		if !isEncrypted(payload) {
			decoded[i] = payload
			continue
		}
		plain, err := h.codec.decode(payload)
		if err != nil {
			return nil, 0, err
		}
		decoded[i] = plain
		n++
	}
	return decoded, n, nil
}

func readPayloads(w http.ResponseWriter, r *http.Request) ([]*commonpb.Payload, int) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDecodeBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, http.StatusRequestEntityTooLarge
	case err != nil:
		return nil, http.StatusBadRequest
	}
	var payloads commonpb.Payloads
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, &payloads); err != nil {
		return nil, http.StatusBadRequest
	}
	return payloads.GetPayloads(), http.StatusOK
}

func (h *decodeHandler) origin() string {
	if h.allowedOrigin == nil {
		return ""
	}
	return h.allowedOrigin()
}

func (h *decodeHandler) permit(r *http.Request) error {
	if h.authorize == nil {
		return errors.New("nobody may decode: no authorisation is set")
	}
	return h.authorize(r)
}

func (h *decodeHandler) record(ctx context.Context, n int) error {
	if h.audit == nil {
		return errors.New("no audit trail is set")
	}
	return h.audit(ctx, n)
}

// BearerToken permits requests that carry "Authorization: Bearer <token>". The comparison takes the same time wherever
// the two differ. An empty token permits nobody.
func BearerToken(token string) func(*http.Request) error {
	want := sha256.Sum256([]byte(token))
	return func(r *http.Request) error {
		given, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(given))
		if token == "" || !found || subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
			return ErrUnauthorized
		}
		return nil
	}
}
