package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

// keyBytes is the length of an AES-256 key.
const keyBytes = 32

// keyID is what a key may be called: its name stands in the clear in every field it sealed.
var keyID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)

const makeKey = "make one with `openssl rand -base64 32`"

// FieldKeys holds the keys of sealed fields: one that seals, and all that may still open. An old key stays as
// long as anything it sealed is kept. The zero value holds no key and is refused. It prints itself without keys.
type FieldKeys struct {
	current string
	keys    map[string]cipher.AEAD
}

// ParseFieldKeys builds a key ring from "id:key" entries, the current one first, each key 32 bytes in base64 or
// hex. Every fault is reported at once, and none quotes a key.
func ParseFieldKeys(entries []string) (FieldKeys, error) {
	ring := FieldKeys{keys: make(map[string]cipher.AEAD, len(entries))}
	var faults []error
	for i, entry := range entries {
		id, text, found := strings.Cut(strings.TrimSpace(entry), ":")
		if !found || !keyID.MatchString(id) {
			faults = append(faults, fmt.Errorf("field key %d: want \"id:key\", the id up to 32 letters, digits, dots, dashes or underscores", i+1))
			continue
		}
		if _, twice := ring.keys[id]; twice {
			faults = append(faults, fmt.Errorf("two field keys are called %q; give each its own id", id))
			continue
		}
		aead, err := parseKey(text)
		if err != nil {
			faults = append(faults, fmt.Errorf("field key %q %w", id, err))
			continue
		}
		ring.keys[id] = aead
		if ring.current == "" {
			ring.current = id
		}
	}
	if len(entries) == 0 {
		faults = append(faults, errNoKey)
	}
	if err := errors.Join(faults...); err != nil {
		return FieldKeys{}, err
	}
	return ring, nil
}

// NewFieldKeys makes a ring with one fresh key, for a demo or a test whose data need not outlive it.
func NewFieldKeys() FieldKeys {
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails: the runtime ends the program when the system has no randomness
	ring, err := ParseFieldKeys([]string{"demo:" + base64.StdEncoding.EncodeToString(key)})
	if err != nil {
		panic("store: a fresh key is always good: " + err.Error())
	}
	return ring
}

var errNoKey = errors.New("no field key is given; " + makeKey + " and write it as \"id:key\"")

func (k FieldKeys) usable() error {
	if k.keys[k.current] == nil {
		return errNoKey
	}
	return nil
}

// String names the current key and counts the rest.
func (k FieldKeys) String() string {
	return fmt.Sprintf("field keys (current %q of %d)", k.current, len(k.keys))
}

// Format prints the same whatever the verb, so that %+v and %#v cannot walk into the keys.
func (k FieldKeys) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// LogValue keeps keys out of logs.
func (k FieldKeys) LogValue() slog.Value { return slog.StringValue(k.String()) }

// parseKey reads a key into a cipher that draws its own nonce for every field.
func parseKey(text string) (cipher.AEAD, error) {
	key, ok := decodeKey(strings.TrimSpace(text))
	switch {
	case !ok:
		return nil, errors.New("is neither base64 nor hex; " + makeKey) // the decoder's own error would quote it
	case len(key) != keyBytes:
		return nil, fmt.Errorf("is %d bytes long, want %d; %s", len(key), keyBytes, makeKey)
	case strings.Count(string(key), string(key[:1])) == keyBytes:
		return nil, errors.New("is one byte repeated; " + makeKey)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// decodeKey tries hex first: 64 hex digits are also valid base64, of another length.
func decodeKey(text string) ([]byte, bool) {
	if len(text) == hex.EncodedLen(keyBytes) {
		if key, err := hex.DecodeString(text); err == nil {
			return key, true
		}
	}
	trimmed := strings.TrimRight(text, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if key, err := encoding.DecodeString(trimmed); err == nil {
			return key, true
		}
	}
	return nil, false
}
