package store

import (
	"bytes"
	"cmp"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"kapflow/care"
	"kapflow/output"
)

// The form is the first byte of everything sealed. After it: the length of the key's id, the id, and what
// AES-256-GCM made (nonce, ciphertext, tag). Fields of the first form are bound to table, column and row alone, and builds before
// migration 0019 wrote them. Fields of both older forms are sealed with the practice's keys. They open as before, until they are
// sealed again. Fields of the newest form are sealed with the data key of their owner (data_key.go).
const (
	firstForm  = 1
	secondForm = 2
	sealForm   = 3
)

// place is where a sealed field lives. It is part of what is authenticated, so a field copied into another row
// or column, given to another client, or put back after its row went on to another version does not open there.
type place struct {
	table, column, row string
	client             string // empty: it belongs to no one client
	version            int    // of its row; 0: the row is written once
}

// owner is whose data key seals the field: the client's, or the practice's own (""). The audit log stays readable when a client's
// key is erased: the law asks who looked at a record for longer than the record is kept.
func (p place) owner() string {
	if p.table == auditTable {
		return ""
	}
	return p.client
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

// seal seals a field with its owner's data key. It fails with a *noDataKey if the key is not in memory; again loads it, or makes
// it, and calls once more.
func (s *Store) seal(at place, plain []byte) ([]byte, error) {
	key, ok := s.dataKeys.get(at.owner())
	if !ok {
		return nil, &noDataKey{owner: at.owner(), sealing: true}
	}
	header := header(sealForm, key.id)
	return key.aead.Seal(header, nil, plain, at.bound(header)), nil
}

// header is what stands in the clear before a sealed field.
func header(form byte, keyID string) []byte {
	return append([]byte{form, byte(len(keyID))}, keyID...)
}

func (s *Store) open(at place, sealed []byte) ([]byte, error) {
	if len(sealed) < 2 || sealed[0] < firstForm || sealed[0] > sealForm || len(sealed) < 2+int(sealed[1]) {
		return nil, fmt.Errorf("%w: %s.%s is not in a form we know", ErrSealed, at.table, at.column)
	}
	end := 2 + int(sealed[1])
	header, id := sealed[:end:end], string(sealed[2:end])
	key, err := s.keyOf(at, sealed[0], id)
	if err != nil {
		return nil, err
	}
	plain, err := key.Open(nil, nil, sealed[end:], at.bound(header))
	if err != nil {
		return nil, fmt.Errorf("%w: %s.%s is damaged, or was moved here from another row, client or version", ErrSealed, at.table, at.column)
	}
	return plain, nil
}

// keyOf gives the key with which a field was sealed. It fails with a *noDataKey if that is a data key which is not in memory.
func (s *Store) keyOf(at place, form byte, id string) (cipher.AEAD, error) {
	if form != sealForm {
		if key := s.keys.Key(id); key != nil {
			return key, nil
		}
		return nil, fmt.Errorf("%w: %s.%s was sealed with the key %q, which is not among the field keys of this program", ErrSealed, at.table, at.column, id)
	}
	if id == erasedKey {
		return nil, care.ErrErased
	}
	key, ok := s.dataKeys.get(at.owner())
	if !ok {
		return nil, &noDataKey{owner: at.owner()}
	}
	if key.id != id {
		return nil, fmt.Errorf("%w: %s.%s was sealed with another data key than its owner's", ErrSealed, at.table, at.column)
	}
	return key.aead, nil
}

// sealText seals a text without the tokens of links in it. An empty one stays NULL, so that lists tell what is not there
// without any key.
func (s *Store) sealText(at place, text string) ([]byte, error) {
	if text == "" {
		return nil, nil
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

// sealJSON seals values as JSON, one on each line. The JSON of one value has no line ends.
func (s *Store) sealJSON(at place, values ...any) ([]byte, error) {
	var plain []byte
	for i, v := range values {
		one, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("write %s.%s: %w", at.table, at.column, err)
		}
		if i > 0 {
			plain = append(plain, '\n')
		}
		plain = append(plain, one...)
	}
	return s.seal(at, []byte(output.WithoutLinkTokens(string(plain))))
}

// openJSON opens what sealJSON sealed, or the first lines of it.
func (s *Store) openJSON(at place, sealed []byte, values ...any) error {
	plain, err := s.open(at, sealed)
	if err != nil {
		return err
	}
	for _, v := range values {
		var line []byte
		line, plain, _ = bytes.Cut(plain, []byte("\n"))
		if err := json.Unmarshal(line, v); err != nil {
			return fmt.Errorf("read %s.%s: %w", at.table, at.column, err)
		}
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

// sealer seals several fields of one row and keeps the first error.
type sealer struct {
	store *Store
	err   error
}

func (f *sealer) bytes(at place, plain []byte) []byte {
	sealed, err := f.store.seal(at, plain)
	f.err = cmp.Or(f.err, err)
	return sealed
}

func (f *sealer) text(at place, text string) []byte {
	sealed, err := f.store.sealText(at, text)
	f.err = cmp.Or(f.err, err)
	return sealed
}
