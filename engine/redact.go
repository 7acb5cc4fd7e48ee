package engine

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"regexp"
	"strings"
	"time"
	"unicode"

	"kapflow/output"
)

const redacted = "[redacted]"

// personalWords mark a log attribute as personal if they are its key or one word of its key.
var personalWords = map[string]bool{
	"phone": true, "mobile": true, "tel": true, "sms": true, "email": true, "mail": true, "name": true, "firstname": true,
	"lastname": true, "fullname": true, "surname": true, "body": true, "text": true, "note": true, "notes": true, "token": true,
	"password": true, "secret": true, "authorization": true, "cookie": true, "to": true, "recipient": true, "address": true,
	"dob": true, "birthdate": true, "diagnosis": true,
}

// technicalKeys contain such a word but nothing personal.
var technicalKeys = map[string]bool{
	"signalname": true, "updatename": true, "queryname": true, "deploymentname": true, "taskqueuename": true,
	"listenaddress": true, "temporaladdress": true,
}

var (
	emailText = regexp.MustCompile(`[A-Za-z0-9._%+'-]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)
	// phoneText matches +1 801 555 0142, (801) 555-0142, 801.555.0142 and 8015550142. It does not match timestamps,
	// UUIDs and IP addresses, which are grouped differently.
	phoneText = regexp.MustCompile(`\+\d(?:[\s().-]{0,2}\d){7,14}\b|\(\d{3}\)\s*\d{3}[\s.-]?\d{4}\b|\b(?:1[\s.-]?)?\d{3}[\s.-]\d{3}[\s.-]\d{4}\b|\b1?\d{10}\b`)
)

// RedactingHandler keeps personal data out of all logs. It hides attributes whose key marks them as personal, cuts
// email addresses and phone numbers from every text (messages and errors too), and prints only the type of structured
// values.
//
// It is a second protection. Personal data must not be logged at all: the handler cannot recognize a name inside a
// sentence.
func RedactingHandler(next slog.Handler) slog.Handler { return &redactingHandler{next: next} }

type redactingHandler struct {
	next slog.Handler
	// hidden is set within a group whose name marks it as personal.
	hidden bool
}

// Enabled reports whether the next handler takes the level.
func (h *redactingHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle writes a record without personal data.
func (h *redactingHandler) Handle(ctx context.Context, record slog.Record) error {
	clean := slog.NewRecord(record.Time, record.Level, cut(record.Message), record.PC)
	record.Attrs(func(attr slog.Attr) bool {
		clean.AddAttrs(redact(attr, h.hidden))
		return true
	})
	return h.next.Handle(ctx, clean)
}

// WithAttrs returns a handler that adds attributes, without personal data.
func (h *redactingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, attr := range attrs {
		clean[i] = redact(attr, h.hidden)
	}
	return &redactingHandler{next: h.next.WithAttrs(clean), hidden: h.hidden}
}

// WithGroup returns a handler that puts attributes into a group.
func (h *redactingHandler) WithGroup(name string) slog.Handler {
	return &redactingHandler{next: h.next.WithGroup(cut(name)), hidden: h.hidden || personal(name)}
}

// redact returns the attribute without personal data. Times, durations and booleans are always kept.
func redact(attr slog.Attr, hidden bool) slog.Attr {
	hidden = hidden || personal(attr.Key)
	key, value := cut(attr.Key), attr.Value.Resolve()
	switch value.Kind() {
	case slog.KindTime, slog.KindDuration, slog.KindBool:
		return slog.Attr{Key: key, Value: value}
	case slog.KindGroup:
		members := make([]slog.Attr, len(value.Group()))
		for i, member := range value.Group() {
			members[i] = redact(member, hidden)
		}
		return slog.Attr{Key: key, Value: slog.GroupValue(members...)}
	}
	if hidden {
		return slog.String(key, redacted)
	}
	switch value.Kind() {
	case slog.KindString:
		return slog.String(key, cut(value.String()))
	case slog.KindAny:
		return slog.Attr{Key: key, Value: plain(value.Any())}
	}
	return slog.Attr{Key: key, Value: value}
}

// plain prepares a value for printing: errors and simple values as text, others as their type.
func plain(value any) slog.Value {
	switch value := value.(type) {
	case nil:
		return slog.AnyValue(nil)
	case error:
		return slog.StringValue(cut(safely(value.Error)))
	case time.Time, *time.Location:
		return slog.StringValue(fmt.Sprint(value))
	case []string:
		texts := make([]string, len(value))
		for i, text := range value {
			texts[i] = cut(text)
		}
		return slog.AnyValue(texts)
	}
	switch kind := reflect.TypeOf(value).Kind(); {
	case kind == reflect.String, kind >= reflect.Bool && kind <= reflect.Complex128:
		return slog.StringValue(cut(safely(func() string { return fmt.Sprint(value) })))
	}
	return slog.StringValue(fmt.Sprintf("[%T]", value))
}

// safely recovers from a panic in an Error or String method (of a nil pointer, say), which would end the process.
func safely(text func() string) (out string) {
	defer func() {
		if recover() != nil {
			out = "[unprintable]"
		}
	}()
	return text()
}

// cut removes email addresses and phone numbers from a text.
func cut(text string) string {
	text = output.WithoutTokens(text)
	if strings.ContainsAny(text, "@%") {
		text = emailText.ReplaceAllString(text, redacted)
	}
	if strings.ContainsAny(text, "0123456789") {
		text = phoneText.ReplaceAllString(text, redacted)
	}
	return text
}

// personal reports whether a key is for personal data, such as clientPhone, "to" or reply_text.
func personal(key string) bool {
	if technicalKeys[strings.ToLower(key)] {
		return false
	}
	for _, word := range words(key) {
		if personalWords[word] {
			return true
		}
	}
	return personalWords[strings.ToLower(key)]
}

// words splits a key at dots, dashes, underscores and changes of case.
func words(key string) []string {
	var spaced strings.Builder
	previous := rune(0)
	for _, r := range key {
		switch {
		case !unicode.IsLetter(r):
			spaced.WriteByte(' ')
		case unicode.IsUpper(r) && unicode.IsLower(previous):
			spaced.WriteByte(' ')
			spaced.WriteRune(unicode.ToLower(r))
		default:
			spaced.WriteRune(unicode.ToLower(r))
		}
		previous = r
	}
	return strings.Fields(spaced.String())
}
