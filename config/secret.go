package config

import (
	"fmt"
	"log/slog"
)

const hidden = "[secret]"

// Secret is a text that prints as "[secret]" wherever it turns up: in logs, JSON and every verb of fmt. Its one way out
// is Reveal, which is easy to search for.
type Secret struct{ value string }

// NewSecret wraps a text, for tests and for settings that a demo makes up.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the text itself. Pass it to what needs it and nowhere else.
func (s Secret) Reveal() string { return s.value }

// Set tells whether there is one.
func (s Secret) Set() bool { return s.value != "" }

// String hides the text.
func (s Secret) String() string { return hidden }

// GoString hides the text from %#v.
func (s Secret) GoString() string { return hidden }

// Format hides the text from every verb; %d and %x would otherwise walk into the struct.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue hides the text from logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalJSON hides the text from JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalText hides the text from YAML, TOML and map keys.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// UnmarshalText takes the text in.
func (s *Secret) UnmarshalText(text []byte) error {
	s.value = string(text)
	return nil
}
