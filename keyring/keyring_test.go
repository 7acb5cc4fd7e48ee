package keyring_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"kapflow/keyring"
)

// sample is 32 bytes.
var sample = []byte("forty-two is not a secret key!!!")

func TestParseReadsKeysAndNamesEveryFault(t *testing.T) {
	t.Parallel()
	std, url, digits := base64.StdEncoding.EncodeToString(sample), base64.RawURLEncoding.EncodeToString(sample), hex.EncodeToString(sample)
	for name, c := range map[string]struct {
		text, current string
		faults        []string // none: the text is accepted
	}{
		"OneKey":              {text: "a:" + std, current: "a"},
		"FirstKeyIsCurrent":   {text: "b:" + std + ",a:" + digits, current: "b"},
		"Spaces":              {text: " a:" + std + " ,\n b: " + url + "\n", current: "a"},
		"Hex":                 {text: "a:" + digits, current: "a"},
		"Base64OfURLs":        {text: "a:" + url, current: "a"},
		"Empty":               {text: " ", faults: []string{"no key is given"}},
		"NoID":                {text: std, faults: []string{"key 1 must be written as id:key"}},
		"IDWithASpace":        {text: "an id:" + std, faults: []string{"key 1 must be written as id:key"}},
		"TrailingComma":       {text: "a:" + std + ",", faults: []string{"key 2 must be written as id:key"}},
		"TooShort":            {text: "a:" + std[:20], faults: []string{`key "a" is 15 bytes long, want 32`}},
		"TooLong":             {text: "a:" + digits + "00", faults: []string{`key "a" is 49 bytes long, want 32`}},
		"NoKeyBehindTheColon": {text: "a:", faults: []string{`key "a" is 0 bytes long, want 32`}},
		"NeitherEncoding":     {text: "a:?" + std, faults: []string{`key "a" is neither base64 nor hex`}},
		"OneByteRepeated":     {text: "a:" + strings.Repeat("00", 32), faults: []string{`key "a" is one byte repeated`}},
		"DuplicateID":         {text: "a:" + std + ",a:" + digits, faults: []string{`two keys have the id "a"`}},
		"EveryFaultAtOnce": {text: std + ",a:" + std[:20] + ",a:" + std + ",b:?",
			faults: []string{"key 1 must", `key "a" is 15`, `two keys have the id "a"`, `key "b" is neither`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ring, err := keyring.Parse(c.text)
			if (err == nil) != (c.faults == nil) || ring.Current() != c.current {
				t.Fatalf("current key %q, %v", ring.Current(), err)
			}
			if c.faults == nil {
				roundTrip(t, ring)
				return
			}
			if lines := strings.Split(err.Error(), "\n"); len(lines) != len(c.faults) {
				t.Errorf("%d faults, want %d: %v", len(lines), len(c.faults), err)
			}
			for _, want := range c.faults {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is missing in: %v", want, err)
				}
			}
			for _, key := range []string{std[:20], url[:20], digits[:20]} {
				if strings.Contains(err.Error(), key) {
					t.Errorf("the fault quotes a key: %v", err)
				}
			}
		})
	}
	if _, err := keyring.Parse(""); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("no key: %v", err)
	}
}

// roundTrip encrypts with the current key; every other key and every other binding refuses the result.
func roundTrip(t *testing.T, ring keyring.Ring) {
	t.Helper()
	key := ring.Key(ring.Current())
	sealed, again := key.Seal(nil, nil, []byte("plain"), []byte("here")), key.Seal(nil, nil, []byte("plain"), []byte("here"))
	if plain, err := key.Open(nil, nil, sealed, []byte("here")); err != nil || string(plain) != "plain" {
		t.Errorf("it opens as %q, %v", plain, err)
	}
	if bytes.Equal(sealed, again) {
		t.Error("the same text encrypted twice looks alike")
	}
	if _, err := key.Open(nil, nil, sealed, []byte("there")); err == nil {
		t.Error("it opens with another binding")
	}
	if fresh := keyring.New(); fresh.Key(fresh.Current()) == nil {
		t.Error("a fresh ring has no key")
	} else if _, err := fresh.Key(fresh.Current()).Open(nil, nil, sealed, []byte("here")); err == nil {
		t.Error("another key opens it")
	}
	if ring.Key("unknown") != nil || (keyring.Ring{}).Key("") != nil {
		t.Error("there is a key under an id that was not given")
	}
}

func TestKeyRingPrintsNoKeys(t *testing.T) {
	t.Parallel()
	ring, err := keyring.Parse(keyring.NewEntry("k1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
		if got := fmt.Sprintf(verb, ring); got != `key ring (current "k1" of 1)` {
			t.Errorf("%s prints %s", verb, got)
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("ring", "ring", ring)
	if !strings.Contains(log.String(), `current \"k1\" of 1`) {
		t.Error(log.String())
	}
}

func FuzzKeysNeverQuoteWhatTheyRefuse(f *testing.F) {
	key := base64.StdEncoding.EncodeToString(sample)
	f.Add("k1:" + key)
	f.Add(key)
	f.Fuzz(func(t *testing.T, text string) {
		_, err := keyring.Parse(text)
		for _, entry := range strings.Split(text, ",") {
			id, key, found := strings.Cut(entry, ":")
			if !found {
				id, key = "", entry
			}
			if err != nil && len(key) > 20 && strings.Contains(err.Error(), key) && strings.Count(text, key) == 1 {
				t.Errorf("%q quotes the key of %q", err, id)
			}
		}
	})
}
