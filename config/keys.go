package config

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

const keyBytes = 32

// keyID is what a key may be called: its name stands in the clear beside what it encrypted.
var keyID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)

const makeKey = "make one with `openssl rand -base64 32`"

// Keys are encryption keys as "id:key,id2:key2", the current one first. Older ones stay in the list as long as anything
// they encrypted is kept. It prints itself without them.
type Keys struct {
	Secret
	entries []string
}

// Current is the id of the key that encrypts.
func (k Keys) Current() string {
	if len(k.entries) == 0 {
		return ""
	}
	id, _, _ := strings.Cut(k.entries[0], ":")
	return id
}

// Entries are the "id:key" entries in the order given. They are secret.
func (k Keys) Entries() []string { return append([]string(nil), k.entries...) }

// UnmarshalText splits the list and checks every key. What the ring that is built from it would refuse is refused here,
// with the rest of the faults, and without quoting a key.
func (k *Keys) UnmarshalText(text []byte) error {
	k.Secret = NewSecret(string(text))
	seen := map[string]bool{}
	for i, entry := range strings.Split(string(text), ",") {
		entry = strings.TrimSpace(entry)
		id, key, found := strings.Cut(entry, ":")
		switch {
		case !found || !keyID.MatchString(id):
			return fmt.Errorf("key %d must be written as id:key, the id up to 32 letters, digits, dots, dashes or underscores, such as 2026:…; %s", i+1, makeKey)
		case seen[id]:
			return fmt.Errorf("two keys are called %q; give each its own id", id)
		}
		if _, err := decodeKey(key); err != nil {
			return fmt.Errorf("key %q %w", id, err)
		}
		seen[id] = true
		k.entries = append(k.entries, entry)
	}
	return nil
}

// Key is one key of 32 bytes, in base64 or hex.
type Key struct {
	Secret
	bytes []byte
}

// Bytes is the key itself. It is secret.
func (k Key) Bytes() []byte { return append([]byte(nil), k.bytes...) }

// UnmarshalText decodes and checks the key.
func (k *Key) UnmarshalText(text []byte) (err error) {
	k.Secret = NewSecret(string(text))
	k.bytes, err = decodeKey(string(text))
	return err
}

// decodeKey reads hex or base64. 64 hex digits are also valid base64, of another length, so hex is tried first.
func decodeKey(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	if len(text) == hex.EncodedLen(keyBytes) {
		if key, err := hex.DecodeString(text); err == nil {
			return key, checkKey(key)
		}
	}
	trimmed := strings.TrimRight(text, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if key, err := encoding.DecodeString(trimmed); err == nil {
			return key, checkKey(key)
		}
	}
	return nil, errors.New("is neither base64 nor hex; " + makeKey) // the decoder's own error would quote it
}

func checkKey(key []byte) error {
	switch {
	case len(key) != keyBytes:
		return fmt.Errorf("is %d bytes long, want %d; %s", len(key), keyBytes, makeKey)
	case strings.Count(string(key), string(key[:1])) == keyBytes:
		return errors.New("is one byte repeated; " + makeKey)
	}
	return nil
}
