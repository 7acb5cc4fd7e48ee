// Package keyring reads and holds AES-256 keys: rings of named keys, and single keys. It imports nothing of ours, so
// that every package that encrypts or reads settings can use it.
package keyring

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

// KeyBytes is the length of a key.
const KeyBytes = 32

// ErrNoKey reports that a ring has no key.
var ErrNoKey = errors.New("no key is given; " + makeKey + " and write it as id:key")

const makeKey = "make one with `openssl rand -base64 32`"

// idPattern is the form of a key's id, which is stored in the clear beside what the key encrypted.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)

// Ring is a set of keys: the current one encrypts, and every one can decrypt. A key must stay in the ring as long as
// anything that it encrypted is kept. The zero value has no key. A Ring prints without its keys.
type Ring struct {
	current string
	keys    map[string]cipher.AEAD
}

// Parse reads a ring from text such as "2026:KEY,2025:KEY". The first key is the current one. Each key is 32 bytes in
// base64 or hex. The error joins all faults and quotes no key. It is ErrNoKey if the text is empty.
func Parse(text string) (Ring, error) {
	if strings.TrimSpace(text) == "" {
		return Ring{}, ErrNoKey
	}
	ring := Ring{keys: map[string]cipher.AEAD{}}
	seen := map[string]bool{}
	var faults []error
	for i, entry := range strings.Split(text, ",") {
		id, key, found := strings.Cut(strings.TrimSpace(entry), ":")
		switch {
		case !found || !idPattern.MatchString(id):
			faults = append(faults, fmt.Errorf("key %d must be written as id:key, for example 2026:…, with an id of up to 32 letters, digits, dots, dashes or underscores; %s", i+1, makeKey))
			continue
		case seen[id]:
			faults = append(faults, fmt.Errorf("two keys have the id %q; give each its own", id))
			continue
		}
		seen[id] = true
		aead, err := parseCipher(key)
		if err != nil {
			faults = append(faults, fmt.Errorf("key %q %w", id, err))
			continue
		}
		if ring.current == "" {
			ring.current = id
		}
		ring.keys[id] = aead
	}
	if err := errors.Join(faults...); err != nil {
		return Ring{}, err
	}
	return ring, nil
}

// New makes a ring with one new key, for a demo or test that does not keep its data.
func New() Ring {
	ring, err := Parse(NewEntry("demo"))
	if err != nil {
		panic("keyring: a new key is always valid: " + err.Error())
	}
	return ring
}

// NewEntry makes a new key as Parse reads it, for a demo or test with several processes.
func NewEntry(id string) string { return id + ":" + base64.StdEncoding.EncodeToString(NewKey()) }

// NewKey makes 32 random bytes.
func NewKey() []byte {
	key := make([]byte, KeyBytes)
	_, _ = rand.Read(key) // never fails: without randomness the runtime ends the program
	return key
}

// Current gives the id of the key that encrypts, or "" for the zero value.
func (r Ring) Current() string { return r.current }

// Key gives the key with an id, or nil if the ring has none. The key makes a new nonce for every message.
func (r Ring) Key(id string) cipher.AEAD { return r.keys[id] }

// String gives the id of the current key and the number of keys.
func (r Ring) String() string {
	return fmt.Sprintf("key ring (current %q of %d)", r.current, len(r.keys))
}

// Format prints the same for every verb, so that %+v and %#v do not print the keys.
func (r Ring) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// LogValue keeps the keys out of logs.
func (r Ring) LogValue() slog.Value { return slog.StringValue(r.String()) }

// ParseKey reads one key of 32 bytes in base64 or hex. Its error can follow the name of a key and does not quote the key.
//
// It accepts both alphabets of base64, with or without padding, because secret stores differ. It tries hex first, because
// 64 hex digits are also valid base64, of 48 bytes.
func ParseKey(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	if len(text) == hex.EncodedLen(KeyBytes) {
		if key, err := hex.DecodeString(text); err == nil {
			return checkKey(key)
		}
	}
	trimmed := strings.TrimRight(text, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if key, err := encoding.DecodeString(trimmed); err == nil {
			return checkKey(key)
		}
	}
	return nil, errors.New("is neither base64 nor hex; " + makeKey) // the decoder's own error would quote the key
}

// checkKey refuses a key of another length, and one byte repeated, which someone typed as a placeholder.
func checkKey(key []byte) ([]byte, error) {
	switch {
	case len(key) != KeyBytes:
		return nil, fmt.Errorf("is %d bytes long, want %d; %s", len(key), KeyBytes, makeKey)
	case strings.Count(string(key), string(key[:1])) == KeyBytes:
		return nil, errors.New("is one byte repeated; " + makeKey)
	}
	return key, nil
}

func parseCipher(text string) (cipher.AEAD, error) {
	key, err := ParseKey(text)
	if err != nil {
		return nil, err
	}
	return Cipher(key)
}

// Cipher makes a key of 32 bytes usable. It makes a new nonce for every message.
func Cipher(key []byte) (cipher.AEAD, error) {
	key, err := checkKey(key)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
