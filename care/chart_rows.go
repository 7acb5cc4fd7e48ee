package care

import (
	"encoding/json"
	"errors"
	"time"

	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// Save is one durable step of a client's record: the chart as it is now, the fact that led to it (none
// when only time passed), the journal lines and the ledger postings. It is written in one transaction and
// may be written again: every part has a key.
type Save struct {
	Chart    *Chart          `json:"chart"`
	Entry    *Entry          `json:"entry,omitempty"`
	Changes  []Change        `json:"changes,omitempty"`
	Postings []money.Posting `json:"postings,omitempty"`
}

// Billing is what documents need to know of a client beside how they are reached. It lives in Postgres only, each field
// encrypted; all of it is optional.
type Billing struct {
	LegalName string `json:"legal_name,omitempty"`
	Address   string `json:"address,omitempty"`   // lines
	MemberID  string `json:"member_id,omitempty"` // the insurer's number for the client
}

// BillingChange changes what it names and leaves the rest; an empty text takes one away.
type BillingChange struct {
	LegalName *string `json:"legal_name"`
	Address   *string `json:"address"`
	MemberID  *string `json:"member_id"`
}

// NewClient is a client about to be enrolled. Identity tells the same person from another (a practice's own
// number, or name and addresses): it is kept only as a keyed hash, and one identity enrols once.
type NewClient struct {
	Identity string
	FindSame bool // refuse somebody who seems to be a client already, under another identity
	Contact  person.Contact
	Billing  Billing
	Save     Save
}

// ClientName is a client's preferred name.
type ClientName struct {
	Client  string // id
	Name    string
	Version int // of the client's contact
}

// Slot is the time a visit takes of people whom clients share. Postgres keeps two slots of one person from
// overlapping.
type Slot struct {
	ClientID    string
	Appointment string
	People      []string
	Start, End  time.Time
}

// Message is one row of the message register, as it is shown to people.
type Message struct {
	Key      message.DeliveryKey `json:"message"`
	ClientID string              `json:"client"`
	Channel  person.Channel      `json:"channel"`
	Template message.Template    `json:"template"`
	To       person.Role         `json:"to"`
	About    string              `json:"about"`
	Version  int                 `json:"version"`
	Text     string              `json:"text"`
	State    message.State       `json:"outcome"`
	Why      string              `json:"why"`
	Late     bool                `json:"late"`
	At       time.Time           `json:"at"`
}

// JournalLine is one line of everything that happened, over all clients, in the order in which it was
// written.
type JournalLine struct {
	Seq      int64
	ClientID string
	At       time.Time
	Type     string // change, message, ledger, fact
	Body     json.RawMessage
}

// IssuedDocument is a document that was handed out, as it was. Kind is estimate, statement, receipt or superbill.
type IssuedDocument struct {
	ID         string       `json:"id"`
	ClientID   string       `json:"client"`
	Kind       string       `json:"kind"`
	Number     string       `json:"number"`
	HTML       []byte       `json:"-"`
	PDF        []byte       `json:"-"`
	HTMLSHA256 []byte       `json:"html_sha256"`
	PDFSHA256  []byte       `json:"pdf_sha256"`
	MadeAt     time.Time    `json:"made_at"` // UTC
	By         person.Actor `json:"by"`
}

// AuditEvent is one row of the audit log: who did or tried what, or looked at whom.
type AuditEvent struct {
	Seq     int64           `json:"seq"`
	At      time.Time       `json:"at"`
	By      person.Actor    `json:"by"`
	Action  string          `json:"action"`
	Subject string          `json:"subject"`
	Detail  json.RawMessage `json:"detail,omitempty"`
}

// BoardRow is what lists show of a client without opening the chart.
type BoardRow struct {
	ClientID  string
	Stage     Stage
	Chart     *Chart
	Enrolled  time.Time
	LastSaved time.Time
}

// SamePersonError says that somebody who is about to be enrolled seems to be a client already.
type SamePersonError struct {
	ClientID string
	Same     []string // what is the same: name, birth date, phone, email address
	Sure     bool     // the date of birth is the same too
}

func (e *SamePersonError) Error() string {
	return "looks like " + e.ClientID + ": same " + wording.JoinWords(e.Same, "and")
}

// ErrErased says that a client's record was erased: the practice decided so, and nobody can read it any more.
var ErrErased = errors.New("this record was erased, with its key")

// ErrDiskFull says that nothing can be recorded, because the disk of the records is full. Trying again helps when somebody made room.
var ErrDiskFull = errors.New("the disk of the records is full: ask the person who runs Kapflow to make room (\"The disk is full\" in docs/runbook.md)")

// ErrNoClient says that there is no client with an id.
var ErrNoClient = errors.New("no client has this id")
