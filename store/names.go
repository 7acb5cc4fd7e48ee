package store

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

// NamesOf gives the preferred names of some clients by their ids.
func (s *Store) NamesOf(ctx context.Context, clientIDs []string) (map[string]string, error) {
	if len(clientIDs) == 0 {
		return map[string]string{}, nil
	}
	found, err := s.names(ctx, `SELECT client_id, preferred_name, version FROM contact WHERE client_id = ANY($1)`, clientIDs)
	names := make(map[string]string, len(found))
	for _, c := range found {
		names[c.Client] = c.Name
	}
	return names, err
}

// sealedName is a row of a name.
type sealedName struct {
	client  string
	sealed  []byte
	version int
}

func (s *Store) names(ctx context.Context, sql string, args ...any) (names []care.ClientName, err error) {
	err = s.alone("read names", func(q querier) error {
		names, err = s.nameReader().each(ctx, s, q, sql, args...)
		return err
	})
	return names, err
}

func (s *Store) nameReader() reader[sealedName, care.ClientName] {
	return reader[sealedName, care.ClientName]{
		scan:  func(r pgx.Row) (n sealedName, err error) { return n, r.Scan(&n.client, &n.sealed, &n.version) },
		owner: func(n sealedName) string { return n.client },
		open: func(n sealedName) (care.ClientName, error) {
			name, err := s.openText(contactPlace(n.client, "preferred_name", n.version), n.sealed)
			return care.ClientName{Client: n.client, Name: name, Version: n.version}, err
		},
	}
}

// nameLetters is how many letters of the beginning of a word a search goes by.
const nameLetters = 2

// nameNumber is the number from 0 to 255 that stands for how a word begins: a keyed hash of its first two letters, cut down to eight
// bits, so that many beginnings share it.
func (s *Store) nameNumber(word string) int16 {
	letters := []rune(strings.ToLower(word))
	return int16(s.index("name", string(letters[:min(nameLetters, len(letters))]))[0])
}

// nameIndex gives the numbers of a name's words, in order and each once, so that they do not tell the order of the words.
func (s *Store) nameIndex(name string) []int16 {
	numbers := []int16{}
	for _, word := range strings.Fields(name) {
		numbers = append(numbers, s.nameNumber(word))
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// namesAtOnce is how many names a search opens together.
const namesAtOnce = 500

// NamesLike shows the names among which all are that have, for each of some words, a word that begins like it, and others. Each word
// must have two letters, or be a whole word of the name.
func (s *Store) NamesLike(ctx context.Context, words []string, show func(care.ClientName)) error {
	read := s.nameReader()
	return s.alone("read names", func(q querier) error {
		rows, err := each(ctx, q, read.scan, `SELECT client_id, preferred_name, version FROM contact WHERE name_index @> $1 OR name_behind`, s.nameIndex(strings.Join(words, " ")))
		if err != nil {
			return err
		}
		for part := range slices.Chunk(rows, namesAtOnce) {
			opened, err := read.openRows(ctx, s, q, part)
			if err != nil {
				return err
			}
			for _, c := range opened {
				show(c)
			}
		}
		return nil
	})
}

// IndexNames has the search know names that it does not know, of limit clients at most, and says of how many: those that a build before
// the search's index wrote.
func (s *Store) IndexNames(ctx context.Context, limit int) (n int, err error) {
	names, err := s.names(ctx, `SELECT client_id, preferred_name, version FROM contact WHERE name_behind ORDER BY client_id LIMIT $1`, limit)
	if err != nil || len(names) == 0 {
		return 0, err
	}
	return len(names), s.inTx(ctx, "index names", func(tx pgx.Tx) error {
		var b statements
		for _, c := range names {
			b.Queue(`UPDATE contact SET name_index = $2, name_version = version WHERE client_id = $1 AND name_behind AND version = $3`, c.Client, s.nameIndex(c.Name), c.Version)
		}
		return b.run(ctx, tx)
	})
}
