package config

import (
	"fmt"
	"log/slog"
)

const hidden = "[secret]"

// Secret is a text that prints as "[secret]" everywhere: in logs, JSON and with every verb of fmt. Only Reveal gives
// the text, which is easy to search for.
type Secret struct{ value string }

// NewSecret wraps a text, for tests and for settings that a demo generates.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the text. Pass it only to the code that needs it.
func (s Secret) Reveal() string { return s.value }

// Set reports whether the secret is set.
func (s Secret) Set() bool { return s.value != "" }

// String hides the text.
func (s Secret) String() string { return hidden }

// GoString hides the text from %#v.
func (s Secret) GoString() string { return hidden }

// Format hides the text from every verb. Without it %d and %x would print the struct's fields.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue hides the text from logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalJSON hides the text from JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalText hides the text from YAML, TOML and map keys.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// UnmarshalText sets the secret to a text.
func (s *Secret) UnmarshalText(text []byte) error {
	s.value = string(text)
	return nil
}
