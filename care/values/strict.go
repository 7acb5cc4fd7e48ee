package values

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Strict reads a JSON object that may have these fields only. Its error is a sentence for the person who wrote the
// JSON. encoding/json has no typed error for an unknown field, so the fields are checked first.
func Strict(body json.RawMessage, into any, fields ...string) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return errors.New("this is not a JSON object")
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.ContainsFunc(fields, func(known string) bool { return strings.EqualFold(known, name) }) {
			return fmt.Errorf("there is no field %q; the fields are %s", name, strings.Join(fields, ", "))
		}
	}
	err := json.Unmarshal(body, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%s cannot be a %s", wrong.Field, wrong.Value)
	}
	return err
}
