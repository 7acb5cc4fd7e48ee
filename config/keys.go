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

// keyID is the form of a key's name, which is stored in the clear beside what the key encrypted.
var keyID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)

const makeKey = "make one with `openssl rand -base64 32`"

// Keys are encryption keys as "id:key,id2:key2", the current one first. Older keys stay in the list while anything that
// they encrypted is kept. Keys print only their ids.
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

// Entries gives the secret "id:key" entries in their order.
func (k Keys) Entries() []string { return append([]string(nil), k.entries...) }

// UnmarshalText splits the list and checks every key. It never quotes a key. It refuses whatever the key ring would
// refuse later, so that all faults are reported together.
func (k *Keys) UnmarshalText(text []byte) error {
	k.Secret = NewSecret(string(text))
	seen := map[string]bool{}
	for i, entry := range strings.Split(string(text), ",") {
		entry = strings.TrimSpace(entry)
		id, key, found := strings.Cut(entry, ":")
		switch {
		case !found || !keyID.MatchString(id):
			return fmt.Errorf("key %d must be written as id:key, for example 2026:…, with an id of up to 32 letters, digits, dots, dashes or underscores; %s", i+1, makeKey)
		case seen[id]:
			return fmt.Errorf("two keys have the id %q; give each its own", id)
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

// Bytes gives the secret key.
func (k Key) Bytes() []byte { return append([]byte(nil), k.bytes...) }

// UnmarshalText decodes and checks the key.
func (k *Key) UnmarshalText(text []byte) (err error) {
	k.Secret = NewSecret(string(text))
	k.bytes, err = decodeKey(string(text))
	return err
}

// decodeKey reads hex or base64. It tries hex first, because 64 hex digits are also valid base64 of another length.
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
	return nil, errors.New("is neither base64 nor hex; " + makeKey) // the decoder's own error would quote the key
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
