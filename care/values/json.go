package values

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"
)

// Problem is what is wrong with one field of a JSON object.
type Problem struct {
	Field string // empty: the object as a whole
	Err   error
}

// Limits say what the fields of a JSON object may hold.
type Limits struct {
	Most   func(field string) int  // characters of a text
	Signed func(field string) bool // whether its numbers may be below zero
	Skip   func(field string) bool // whether it is not looked at
}

// mostNumber is more than any number that a form asks for.
const mostNumber = 1_000_000_000

// Object checks every value in a JSON object of fields, at any depth: texts as Text does, no number below zero or beyond
// reason, no list with an empty place, and no field twice. What is not a JSON object has one problem without a field.
func Object(body []byte, l Limits) []Problem {
	found := fields(body, l)
	if len(found) == 0 && !utf8.Valid(body) { // in a name, or in a field that is skipped
		found = []Problem{{Err: errNotUTF8}}
	}
	return found
}

func fields(body []byte, l Limits) []Problem {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return []Problem{{Err: errors.New("must be a JSON object of fields")}}
	}
	var found []Problem
	seen := map[string]bool{}
	for dec.More() {
		key, err := dec.Token()
		name, _ := key.(string)
		if err == nil && seen[name] {
			found = append(found, Problem{name, errors.New("is given twice")})
		}
		seen[name] = true
		var raw json.RawMessage
		if err != nil || dec.Decode(&raw) != nil {
			return []Problem{{Err: errors.New("is not JSON")}}
		}
		if l.Skip != nil && l.Skip(name) {
			continue
		}
		if err := inside(raw, l.Most(name), l.Signed != nil && l.Signed(name)); err != nil {
			found = append(found, Problem{name, err})
		}
	}
	if _, err := dec.Token(); err != nil {
		return []Problem{{Err: errors.New("is not JSON")}}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return []Problem{{Err: errors.New("must be one JSON object")}}
	}
	return found
}

// inside checks one value and everything in it.
func inside(raw json.RawMessage, most int, signed bool) error {
	if !utf8.Valid(raw) { // the decoder would put � in its place
		return errNotUTF8
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return errors.New("is not JSON")
	}
	return walk(value, most, signed)
}

func walk(value any, most int, signed bool) error {
	switch value := value.(type) {
	case string:
		_, err := Text(value, most)
		return err
	case json.Number:
		return number(value, signed)
	case []any:
		for i, item := range value {
			if item == nil {
				return fmt.Errorf("item %d is not answered; every item needs an answer", i+1)
			}
			if err := walk(item, most, signed); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if err := walk(value[key], most, signed); err != nil {
				return err
			}
		}
	}
	return nil
}

func number(n json.Number, signed bool) error {
	x, err := n.Float64()
	switch {
	case err != nil || x > mostNumber || x < -mostNumber:
		return errors.New("is a number beyond reason; check it")
	case x < 0 && !signed:
		return errors.New("must not be below zero")
	}
	return nil
}
