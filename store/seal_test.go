package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/keyring"
)

const (
	keyA = "a:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	keyB = "b:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
)

func ring(t *testing.T, entries ...string) keyring.Ring {
	t.Helper()
	keys, err := keyring.Parse(strings.Join(entries, ","))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// keep gives a store a new data key of an owner.
func (s *Store) keep(t interface{ Fatal(...any) }, owner string) {
	aead, err := keyring.Cipher(keyring.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	s.dataKeys.put(owner, dataKey{id: "key-of-" + owner, aead: aead, at: time.Now()})
}

func TestSealedFieldOpensOnlyWhereItWasSealed(t *testing.T) {
	t.Parallel()
	s := &Store{keys: ring(t, keyA)}
	rapid.Check(t, func(t *rapid.T) {
		here := place{"t", rapid.String().Draw(t, "column"), rapid.String().Draw(t, "row"), rapid.String().Draw(t, "client"), rapid.IntRange(0, 9).Draw(t, "version")}
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		s.keep(t, here.client)
		sealed, err := s.seal(here, plain)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.open(here, sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("it opens as %q, %v", got, err)
		}
		for _, moved := range []func(*place){
			func(p *place) { p.table = "u" }, func(p *place) { p.column += "x" }, func(p *place) { p.row += "x" }, func(p *place) { p.client += "x" },
			func(p *place) { p.version++ }, func(p *place) { p.row, p.client = p.row+p.client, "x" }, func(p *place) { p.row, p.client = p.client+"x", p.row },
		} {
			there := here
			moved(&there)
			if there.client != here.client {
				s.keep(t, there.client)
			}
			if _, err := s.open(there, sealed); !errors.Is(err, ErrSealed) {
				t.Fatalf("it opens in %v: %v", there, err)
			}
		}
		i := rapid.IntRange(0, len(sealed)-1).Draw(t, "damaged byte")
		damaged := bytes.Clone(sealed)
		damaged[i] ^= 1
		if _, err := s.open(here, damaged); !errors.Is(err, ErrSealed) {
			t.Fatalf("damaged at %d it opens: %v", i, err)
		}
		if _, err := s.open(here, sealed[:i]); !errors.Is(err, ErrSealed) {
			t.Fatalf("cut at %d it opens: %v", i, err)
		}
	})
}

func TestSealingTheSameTwiceShowsNothing(t *testing.T) {
	t.Parallel()
	s := &Store{keys: ring(t, keyA)}
	here := place{table: "t", column: "c", row: "r"}
	s.keep(t, "")
	first, err := s.seal(here, []byte("x"))
	if second, again := s.seal(here, []byte("x")); err != nil || again != nil || bytes.Equal(first, second) {
		t.Error("two fields of one content look alike")
	}
}

func TestOldKeyStillOpensAndTheNewOneSeals(t *testing.T) {
	t.Parallel()
	here := place{table: "t", column: "c", row: "r"}
	before := &Store{keys: ring(t, keyA)}
	after := &Store{keys: ring(t, keyB, keyA)}
	if got, err := after.open(here, before.SealAsBefore(2, Place{Table: "t", Column: "c", Row: "r"}, "x")); err != nil || string(got) != "x" {
		t.Errorf("old: %q, %v", got, err)
	}
	if _, err := before.open(here, after.SealAsBefore(2, Place{Table: "t", Column: "c", Row: "r"}, "x")); !errors.Is(err, ErrSealed) || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("without the new key: %v", err)
	}
}

func TestOpenRefusesOptionsThatWouldNotProtect(t *testing.T) {
	t.Parallel()
	good := Options{URL: "postgres://127.0.0.1:1/x?connect_timeout=1", Keys: keyring.New(), IndexKey: make([]byte, 32)}
	noKeys, shortIndex, badURL := good, good, good
	noKeys.Keys, shortIndex.IndexKey, badURL.URL = keyring.Ring{}, make([]byte, 31), "postgres://u:hunter2@[::1/x"
	for name, o := range map[string]Options{"NoKeys": noKeys, "ShortIndexKey": shortIndex, "BadURL": badURL} {
		if _, err := Open(t.Context(), o); err == nil || errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(t.Context(), good); !errors.Is(err, ErrUnavailable) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestFaultsAreNamedWithoutWhatPostgresQuotes(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]error{
		"08006": ErrUnavailable, "57P01": ErrUnavailable, "57P03": ErrUnavailable, "53300": ErrUnavailable, "53100": ErrUnavailable, "40001": ErrUnavailable,
		"40P01": ErrUnavailable, "55P03": ErrUnavailable, "23505": ErrConflict, "23503": ErrInvalid, "23514": ErrInvalid, "23P01": ErrInvalid, "22P02": ErrInvalid,
		"42501": ErrInvalid, "42P01": nil, "57014": nil,
	} {
		err := fault("try", &pgconn.PgError{Code: code, Message: "Robin", Detail: "Key (phone)=(+13035550123)", Where: "Robin", TableName: "contact"})
		for _, sentinel := range []error{ErrUnavailable, ErrConflict, ErrInvalid} {
			if got := errors.Is(err, sentinel); got != (sentinel == want) {
				t.Errorf("%s: is %v: %v", code, sentinel, got)
			}
		}
		if got := errors.Is(err, care.ErrDiskFull); got != (code == "53100") {
			t.Errorf("%s: is a full disk %v: %v", code, got, err)
		}
		var pg *pgconn.PgError
		if text := fmt.Sprintf("%v %+v", err, err); strings.Contains(text, "Robin") || strings.Contains(text, "555") || errors.As(err, &pg) {
			t.Errorf("%s: %s", code, text)
		}
	}
	for _, lost := range []error{io.ErrUnexpectedEOF, &pgconn.ConnectError{}} {
		if !lostConnection(lost) {
			t.Errorf("%T is no lost connection", lost)
		}
	}
	if fault("try", nil) != nil {
		t.Error("no fault is one")
	}
}
