package engine

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// maxDecodeBody is the largest decoding request, in bytes. Temporal itself accepts messages of at most 4 MiB.
const maxDecodeBody = 4 << 20

// ErrUnauthorized is returned or wrapped by an authorize function for an unknown caller.
var ErrUnauthorized = errors.New("decoding needs a sign-in or a token")

// DecodeHandler serves POST …/decode. The Temporal UI in a browser calls it to show plain text in place of ciphertext.
// There is no /encode, because the UI could then forge facts.
//
// It calls allowedOrigin at each request, because a demo knows its UI's port only after the start. The function returns
// the exact origin ("http://127.0.0.1:8080"), or "" to serve no browser. Authorize decides who may read; if it is nil,
// all requests are refused. Audit gets the number of payloads before they are shown. If audit is nil or fails, nothing
// is shown. The request's context is passed to it, so that a wrapping handler can say who asks. Of names the workflows whose
// payloads are shown, each once and in order; a journey's workflow is its client.
//
// Payloads that are not encrypted are returned unchanged: the UI sends everything it has, including the SDK's own plain
// metadata, and the handler changes nothing.
func DecodeHandler(codec *Codec, allowedOrigin func() string, authorize func(*http.Request) error, audit func(ctx context.Context, n int, of []string) error) http.Handler {
	return &decodeHandler{codec: codec, allowedOrigin: allowedOrigin, authorize: authorize, audit: audit}
}

type decodeHandler struct {
	codec         *Codec
	allowedOrigin func() string
	authorize     func(*http.Request) error
	audit         func(context.Context, int, []string) error
}

// ServeHTTP answers a decoding request or a preflight.
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
	case http.MethodOptions: // a preflight carries no credentials
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
		http.Error(w, "you may not decode", status) // the reason would help only an attacker
		return
	}
	// A page of another origin can send other types than JSON without a preflight.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		http.Error(w, "send application/json", http.StatusUnsupportedMediaType)
		return
	}
	payloads, status := readPayloads(w, r)
	if status != http.StatusOK {
		http.Error(w, http.StatusText(status), status)
		return
	}
	decoded, of, n, err := h.show(payloads)
	if err != nil {
		http.Error(w, "a payload could not be decoded: its key is not in this key ring, or it was changed", http.StatusBadRequest)
		return
	}
	if n > 0 {
		if err := h.record(r.Context(), n, of); err != nil {
			http.Error(w, "the audit log cannot be written, so nothing is shown", http.StatusServiceUnavailable)
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

// show decrypts the encrypted payloads, counts them and names their workflows. Others are returned unchanged.
func (h *decodeHandler) show(payloads []*commonpb.Payload) (decoded []*commonpb.Payload, of []string, n int, err error) {
	decoded = make([]*commonpb.Payload, len(payloads))
	for i, payload := range payloads {
		if !isEncrypted(payload) {
			decoded[i] = payload
			continue
		}
		plain, err := h.codec.decode(payload)
		if err != nil {
			return nil, nil, 0, err
		}
		decoded[i] = plain
		n++
		if scope := string(payload.GetMetadata()[metadataScope]); scope != "" {
			of = append(of, scope)
		}
	}
	slices.Sort(of)
	return decoded, slices.Compact(of), n, nil
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
		return errors.New("decoding is not allowed: no authorization is set")
	}
	return h.authorize(r)
}

func (h *decodeHandler) record(ctx context.Context, n int, of []string) error {
	if h.audit == nil {
		return errors.New("no audit log is set")
	}
	return h.audit(ctx, n, of)
}

// BearerToken permits requests with "Authorization: Bearer <token>". The comparison takes constant time. An empty token
// permits no request.
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
