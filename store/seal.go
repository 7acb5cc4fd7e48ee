package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"kapflow/output"
)

// The form is the first byte of everything sealed. After it: the length of the key's id, the id, and what
// AES-256-GCM made (nonce, ciphertext, tag). Fields of the first form are bound to table, column and row alone; builds before
// migration 0019 wrote them, and they open as before.
const (
	firstForm = 1
	sealForm  = 2
)

// place is where a sealed field lives. It is part of what is authenticated, so a field copied into another row
// or column, given to another client, or put back after its row went on to another version does not open there.
type place struct {
	table, column, row string
	client             string // empty: it belongs to no one client
	version            int    // of its row; 0: the row is written once
}

func (p place) bound(header []byte) []byte {
	if header[0] == firstForm {
		return append([]byte(p.table+"\x00"+p.column+"\x00"+p.row+"\x00"), header...)
	}
	var b []byte
	for _, part := range []string{p.table, p.column, p.row, p.client, strconv.Itoa(p.version), string(header)} {
		b = append(binary.AppendUvarint(b, uint64(len(part))), part...)
	}
	return b
}

func (s *Store) seal(at place, plain []byte) []byte {
	id := s.keys.Current()
	header := append([]byte{sealForm, byte(len(id))}, id...)
	return s.keys.Key(id).Seal(header, nil, plain, at.bound(header))
}

func (s *Store) open(at place, sealed []byte) ([]byte, error) {
	if len(sealed) < 2 || sealed[0] < firstForm || sealed[0] > sealForm || len(sealed) < 2+int(sealed[1]) {
		return nil, fmt.Errorf("%w: %s.%s is not in a form we know", ErrSealed, at.table, at.column)
	}
	end := 2 + int(sealed[1])
	header, id := sealed[:end:end], string(sealed[2:end])
	key := s.keys.Key(id)
	if key == nil {
		return nil, fmt.Errorf("%w: %s.%s was sealed with the key %q, which is not among the keys given", ErrSealed, at.table, at.column, id)
	}
	plain, err := key.Open(nil, nil, sealed[end:], at.bound(header))
	if err != nil {
		return nil, fmt.Errorf("%w: %s.%s is damaged, or was moved here from another row, client or version", ErrSealed, at.table, at.column)
	}
	return plain, nil
}

// sealText seals a text without the tokens of links in it. An empty one stays NULL, so that lists tell what is not there
// without any key.
func (s *Store) sealText(at place, text string) []byte {
	if text == "" {
		return nil
	}
	return s.seal(at, []byte(output.WithoutTokens(text)))
}

func (s *Store) openText(at place, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	plain, err := s.open(at, sealed)
	return output.WithoutTokens(string(plain)), err // versions before 0036 stored them
}

func (s *Store) sealJSON(at place, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write %s.%s: %w", at.table, at.column, err)
	}
	return s.seal(at, []byte(output.WithoutLinkTokens(string(plain)))), nil
}

func (s *Store) openJSON(at place, sealed []byte, v any) error {
	plain, err := s.open(at, sealed)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("read %s.%s: %w", at.table, at.column, err)
	}
	return nil
}

// index makes a keyed hash by which something sealed is found again. The purpose keeps the hashes of a phone
// number and of an identity apart.
func (s *Store) index(purpose, text string) []byte {
	mac := hmac.New(sha256.New, s.indexKey)
	mac.Write([]byte(purpose + "\x00" + text))
	return mac.Sum(nil)
}

func (s *Store) identityIndex(identity string) []byte {
	return s.index("identity", strings.ToLower(strings.TrimSpace(identity)))
}

// phoneIndex finds a number however it was written; NULL when there is none.
func (s *Store) phoneIndex(phone string) []byte {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
	if digits == "" {
		return nil
	}
	if len(digits) == 10 {
		digits = "1" + digits // written without the country, as people here do
	}
	return s.index("phone", digits)
}
