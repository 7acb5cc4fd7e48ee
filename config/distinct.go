package config

import (
	"fmt"
	"strings"

	"kapflow/keyring"
)

// checkKeysDiffer refuses a key that has two uses: whoever learns it for one could use it for the other.
func (s Settings) checkKeysDiffer() (faults []Fault) {
	usedBy := map[string]string{}
	for _, v := range []struct {
		variable string
		text     Secret
	}{{"KAPFLOW_PAYLOAD_KEYS", s.PayloadKeys.Secret}, {"KAPFLOW_FIELD_KEYS", s.FieldKeys.Secret}, {"KAPFLOW_INDEX_KEY", s.IndexKey.Secret}} {
		for _, entry := range strings.Split(v.text.Reveal(), ",") {
			_, text, named := strings.Cut(entry, ":")
			if !named {
				text = entry
			}
			key, err := keyring.ParseKey(strings.TrimSpace(text))
			if err != nil {
				continue // the variable's type says it
			}
			if other := usedBy[string(key)]; other != "" && other != v.variable {
				faults = append(faults, Fault{v.variable, fmt.Sprintf("has a key that %s has too; make a key for each use with `openssl rand -base64 32`", other)})
				break
			}
			usedBy[string(key)] = v.variable
		}
	}
	return faults
}
