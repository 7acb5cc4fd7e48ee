package message

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"kapflow/care/person"
)

// Key names one Notification for ever: remind/infusion-3/v2/1d. It is the same however often the notification is derived
// from a chart. A visit that moves has a new version, so its notifications have new keys.
//
// As text a key is verb/subject, then /vN if the subject has versions, then /rule if there are several of one verb, then
// /look, /again or /instead if the notification follows another. String writes it and Parse reads it; no other code
// takes a key apart or puts one together.
type Key struct {
	Verb    Verb   // what the message does
	Subject string // a visit, a check-in, an alert, an estimate or a reply
	Version int    // of the visit; 0: the subject has no versions
	Rule    string // the reminder's rule, the number of the news, or who of the staff is told; mostly empty
	Follow  Follow // how it follows the notification of the key without it; empty: it follows none
}

// Verb is the first part of a Key.
type Verb string

// The verbs.
const (
	Remind       Verb = "remind"        // of a visit
	Instruct     Verb = "instruct"      // how to prepare for an infusion
	Booked       Verb = "booked"        // a visit was booked
	Moved        Verb = "moved"         // a visit has another time
	Cancelled    Verb = "cancelled"     // a visit was called off
	Missed       Verb = "missed"        // the client did not come
	Held         Verb = "held"          // a confirmed visit is uncertain
	Stands       Verb = "stands"        // and is certain again
	Ask          Verb = "ask"           // for the answers of a check-in
	Chase        Verb = "chase"         // for them, once more
	Aftercare    Verb = "aftercare"     // what to do after an infusion
	Fees         Verb = "fees"          // an estimate is ready
	Answer       Verb = "answer"        // to what the client wrote
	Crisis       Verb = "crisis"        // what to do in danger
	Alert        Verb = "alert"         // to staff: an alert was raised
	AlertClimbed Verb = "alert-climbed" // to staff: nobody acknowledged it in time
)

// MustArrive says whether a person tells the client what a message could not in time: that a visit was booked, moved or
// cancelled, how to prepare for it, and what they asked.
func (v Verb) MustArrive() bool {
	return v == Booked || v == Moved || v == Cancelled || v == Instruct || v == Answer
}

// Ahead says whether the message is sent ahead of a visit, so that nothing is owed under its key once the visit is over.
func (v Verb) Ahead() bool { return v == Remind || v == Instruct }

// ruled says whether every key of the verb has a rule.
func (v Verb) ruled() bool {
	return v == Remind || v == Instruct || v == Held || v == Stands || v == Alert || v == AlertClimbed
}

// Follow says how a notification follows another one.
type Follow string

// The ways to follow.
const (
	FollowLook    Follow = "look"    // nothing is sent: the provider is asked whether a message left
	FollowAgain   Follow = "again"   // the same text, once more
	FollowInstead Follow = "instead" // the same, on the other channel
)

// ErrKey says that a text is no key.
var ErrKey = errors.New("is no key of a message")

// String writes the key. The zero Key is the empty text.
func (k Key) String() string {
	var b strings.Builder
	b.WriteString(string(k.Verb))
	for _, part := range []string{k.Subject, k.version(), k.Rule, string(k.Follow)} {
		if part != "" {
			b.WriteByte('/')
			b.WriteString(part)
		}
	}
	return b.String()
}

func (k Key) version() string {
	if k.Version == 0 {
		return ""
	}
	return "v" + strconv.Itoa(k.Version)
}

// Parse reads a key. It takes verbs that it does not know, which a newer build may have written; ErrKey if the text has
// no verb or an empty part before its rule.
func Parse(text string) (k Key, err error) {
	if text == "" {
		return Key{}, nil
	}
	verb, rest, more := strings.Cut(text, "/")
	k.Verb = Verb(verb)
	if !more {
		return k, k.check(text)
	}
	k.Subject, rest, more = strings.Cut(rest, "/")
	if more {
		if first, after, others := strings.Cut(rest, "/"); isVersion(first) {
			k.Version, _ = strconv.Atoi(first[1:])
			rest, more = after, others
		}
	}
	if more {
		k.Rule, k.Follow = cutFollow(rest, k.Verb.ruled())
	}
	return k, k.check(text)
}

// check compares the key with the text it was read from: a text without a verb, or one that String would not write, is no key.
func (k Key) check(text string) error {
	if k.Verb == "" || k.String() != text {
		return fmt.Errorf("%q %w", text, ErrKey)
	}
	return nil
}

func isVersion(part string) bool {
	n, err := strconv.Atoi(strings.TrimPrefix(part, "v"))
	return err == nil && n > 0 && part == "v"+strconv.Itoa(n)
}

// cutFollow takes the follow-up off the end of a key. A practice may call a reminder's rule "again": where a key always has
// a rule, its only part after the version is one.
func cutFollow(rest string, ruled bool) (rule string, follow Follow) {
	for _, f := range []Follow{FollowLook, FollowAgain, FollowInstead} {
		if rest == string(f) && !ruled {
			return "", f
		}
		if before, follows := strings.CutSuffix(rest, "/"+string(f)); follows {
			return before, f
		}
	}
	return rest, ""
}

// MarshalText writes the key as JSON and other texts hold it.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads it back.
func (k *Key) UnmarshalText(text []byte) (err error) {
	*k, err = Parse(string(text))
	return err
}

// Origin gives the key of the notification that this one follows, or the key itself.
func (k Key) Origin() Key {
	k.Follow = ""
	return k
}

// Then gives the key of what follows the notification.
func (k Key) Then(f Follow) Key {
	k.Follow = f
	return k
}

// On gives the key of one channel of the notification.
func (k Key) On(ch person.Channel) ChannelKey { return ChannelKey{Notification: k, Channel: ch} }

// ChannelKey names one channel of a notification, as a client's own chart does: remind/infusion-3/v2/1d/sms.
type ChannelKey struct {
	Notification Key
	Channel      person.Channel
}

// String writes the key: notification/channel.
func (k ChannelKey) String() string { return k.Notification.String() + "/" + string(k.Channel) }

// MarshalText writes the key as JSON and other texts hold it.
func (k ChannelKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads it back.
func (k *ChannelKey) UnmarshalText(text []byte) (err error) {
	i := strings.LastIndexByte(string(text), '/')
	if i < 0 {
		return fmt.Errorf("%q %w", text, ErrKey)
	}
	k.Channel = person.Channel(text[i+1:])
	k.Notification, err = Parse(string(text[:i]))
	return err
}

// DeliveryKey names one Delivery for ever: one channel of one notification to one client.
type DeliveryKey struct {
	Client string
	ChannelKey
}

// DeliveryKeyOf gives the key of a client's notification on a channel.
func DeliveryKeyOf(client string, notification Key, ch person.Channel) DeliveryKey {
	return DeliveryKey{Client: client, ChannelKey: notification.On(ch)}
}

// String writes the key: client/notification/channel.
func (k DeliveryKey) String() string { return k.Client + "/" + k.ChannelKey.String() }

// ParseDelivery reads a delivery's key; ErrKey if the text is none.
func ParseDelivery(text string) (k DeliveryKey, err error) {
	client, rest, ok := strings.Cut(text, "/")
	if !ok || client == "" {
		return k, fmt.Errorf("%q %w", text, ErrKey)
	}
	k.Client = client
	return k, k.ChannelKey.UnmarshalText([]byte(rest))
}

// MarshalText writes the key as JSON and other texts hold it.
func (k DeliveryKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads it back.
func (k *DeliveryKey) UnmarshalText(text []byte) (err error) {
	*k, err = ParseDelivery(string(text))
	return err
}
