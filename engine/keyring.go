package engine

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

// keyID is the form of a key's name, which is sent in the clear with every payload.
var keyID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)

// KeyRing holds the keys for payloads: one that encrypts, and all that may still decrypt. An old key stays in the ring
// until the retention of the last history written with it has passed.
//
// The zero value holds no key, and every use of it fails. A key ring prints without its keys.
type KeyRing struct {
	current string
	keys    map[string]cipher.AEAD
}

// ParseKeyRing makes a key ring from "id:key" entries, each key 32 bytes in base64 or hex. If current is empty, the
// first entry is current, so a list from newest to oldest needs no other setting. It reports all faults at once and
// quotes no key.
func ParseKeyRing(current string, entries []string) (KeyRing, error) {
	ring := KeyRing{current: current, keys: make(map[string]cipher.AEAD, len(entries))}
	var faults []error
	for i, entry := range entries {
		id, text, found := strings.Cut(strings.TrimSpace(entry), ":")
		if !found || !keyID.MatchString(id) {
			faults = append(faults, fmt.Errorf("key %d: want \"id:key\", the id up to 32 letters, digits, dots, dashes or underscores", i+1))
			continue
		}
		if _, twice := ring.keys[id]; twice {
			faults = append(faults, fmt.Errorf("key %q is given twice: every key needs its own id", id))
			continue
		}
		aead, err := parseKey(text)
		if err != nil {
			faults = append(faults, fmt.Errorf("key %q: %w", id, err))
			continue
		}
		ring.keys[id] = aead
		if ring.current == "" {
			ring.current = id
		}
	}
	switch {
	case len(faults) > 0:
	case len(entries) == 0:
		faults = append(faults, errors.New("no key given: make one with `openssl rand -base64 32` and write it as \"id:key\""))
	case ring.keys[ring.current] == nil:
		faults = append(faults, fmt.Errorf("the current key %q is not among the keys given", ring.current))
	}
	if err := errors.Join(faults...); err != nil {
		return KeyRing{}, err
	}
	return ring, nil
}

// NewKeyRing makes a ring with one new key, for a demo or test that does not keep its histories.
func NewKeyRing() (KeyRing, error) {
	return ParseKeyRing("", []string{GenerateKeyEntry("demo")})
}

// GenerateKeyEntry makes a new "id:key" entry, for a demo with several processes.
func GenerateKeyEntry(id string) string {
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails: without randomness the runtime ends the program
	return id + ":" + base64.StdEncoding.EncodeToString(key)
}

// Current is the id of the key that encrypts.
func (r KeyRing) Current() string { return r.current }

// String gives the id of the current key and the number of keys.
func (r KeyRing) String() string {
	return fmt.Sprintf("key ring (current %q of %d)", r.current, len(r.keys))
}

// Format prints the same for every verb, so that %+v and %#v do not print the keys.
func (r KeyRing) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// LogValue keeps the keys out of logs.
func (r KeyRing) LogValue() slog.Value { return slog.StringValue(r.String()) }

// parseKey reads 32 bytes of hex or base64 into a cipher that makes a new nonce for every message.
func parseKey(text string) (cipher.AEAD, error) {
	key, err := decodeKey(text)
	if err != nil {
		return nil, err
	}
	if len(key) != keyBytes {
		return nil, fmt.Errorf("the key is %d bytes long, want %d: make one with `openssl rand -base64 32`", len(key), keyBytes)
	}
	if strings.Count(string(key), string(key[:1])) == keyBytes {
		return nil, errors.New("the key is one byte repeated: make one with `openssl rand -base64 32`")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// decodeKey accepts hex and the usual forms of base64, because secret stores differ. It tries hex first, because 64 hex
// digits are also valid base64, of 48 bytes.
func decodeKey(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	if len(text) == hex.EncodedLen(keyBytes) {
		if key, err := hex.DecodeString(text); err == nil {
			return key, nil
		}
	}
	trimmed := strings.TrimRight(text, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if key, err := encoding.DecodeString(trimmed); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("the key is neither base64 nor hex") // the decoder's own error would quote the key
}

// RandomKey makes 32 random bytes, for the temporary keys of demos and tests.
func RandomKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // crypto/rand.Read never fails
	return key
}
