package person

import (
	"errors"
	"time"
)

// ErrNoInvite says that no one-time link has a token: it is unknown, used, replaced or past its time. Nobody is told which.
var ErrNoInvite = errors.New("there is no such invitation")

// Passkey is a key with which somebody of the practice signs in. The private half is on their device.
type Passkey struct {
	ID      []byte // as the authenticator made it
	Person  string // id in the practice file
	Count   uint32 // uses that the authenticator counted; 0: it does not count
	Blocked bool   // it may have been copied; nobody signs in with it
	MadeAt  time.Time
	UsedAt  time.Time // zero: never
	Data    []byte    // public key, flags and label
}

// InviteKind is what a one-time link for somebody of the practice does. Wire names: never change one.
type InviteKind string

// The kinds of one-time links.
const (
	InvitePasskey InviteKind = "passkey" // adds a passkey
	InviteDemo    InviteKind = "demo"    // signs a sample person in
)

// Invite is a one-time link for somebody of the practice.
type Invite struct {
	Kind      InviteKind
	Person    string
	ExpiresAt time.Time
}

// SessionRow is one session of the staff console, as it is stored.
type SessionRow struct {
	Person    string // empty before a sign-in
	Epoch     int
	ExpiresAt time.Time
	Data      []byte
}
