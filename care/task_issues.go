package care

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// Issue is something that went wrong outside and that a person must settle: a message that could not be
// sent, a cancellation asked for in the Temporal UI, a reply that nobody has read.
type Issue struct {
	Task  string      `json:"task"`
	About string      `json:"about"`
	Role  person.Role `json:"role"`
	At    time.Time   `json:"at"`           // before it nobody is asked
	Due   time.Time   `json:"due,omitzero"` // zero: the practice's ordinary time

	Visit      string `json:"visit,omitempty"`       // that the client may have meant, when they opted out
	HoldsTexts bool   `json:"holds_texts,omitempty"` // ordinary texts wait until it is settled
}

// ID names the issue as its task is named.
func (t Issue) ID() string { return Task{Task: t.Task, About: t.About}.ID() }

func (c *Chart) raiseIssue(task, about string, role person.Role, at time.Time) {
	c.raiseIssueDue(task, about, role, at, time.Time{})
}

func (c *Chart) raiseIssueDue(task, about string, role person.Role, at, due time.Time) {
	if !slices.ContainsFunc(c.Issues, func(t Issue) bool { return t.Task == task && t.About == about }) {
		c.Issues = append(c.Issues, Issue{Task: task, About: about, Role: role, At: at, Due: due})
	}
}

// temporalUI is what a cancellation is about that was asked for there.
const temporalUI = "temporal"

// issue finds an issue that is open, or nil.
func (c *Chart) issue(task, about string) *Issue {
	for i := range c.Issues {
		if t := &c.Issues[i]; t.Task == task && t.About == about {
			return t
		}
	}
	return nil
}

// settleIssue ends an issue that a person settled, with the alert that nobody had looked at it.
func (c *Chart) settleIssue(i int, m Meta) {
	about := c.Issues[i].About
	c.Issues = slices.Delete(c.Issues, i, i+1)
	c.openAlert(AlertUnread, about).acknowledge(m)
}

// endIssue ends an issue that settled itself.
func (c *Chart) endIssue(task, about string) {
	c.Issues = slices.DeleteFunc(c.Issues, func(t Issue) bool { return t.Task == task && t.About == about })
}

// endIssuesOf ends every issue of one sort.
func (c *Chart) endIssuesOf(task string) {
	c.Issues = slices.DeleteFunc(c.Issues, func(t Issue) bool { return t.Task == task })
}

// issueWords say what a person is to do; an issue that is not here is told by its name.
var issueWords = map[string]string{
	"message-failed":  "A message did not reach the client: tell them yourself",
	"tell-client":     "No message may be sent to the client: call them",
	"message-unknown": "Nobody knows whether a message left: ask the client",
	"address-bad":     "Nobody is reached at the client's address: ask for another",
	"channel-lost":    "The client wants no more messages on this channel: agree on another",
	"channel-held":    "The provider refuses our account, messages wait: look at it now",
	TaskReadReply:     "Read what the client wrote, and answer",
	taskTalkFirst:     "Talk with the client, who missed several visits, before another one is booked",
	taskOutsideLimits: "Look at the infusion: it ran for less than 45 or more than 60 minutes",
	"withdraw-claim":  "The claim was sent, and the session was not held after all: withdraw it",

	"cancellation-requested": "A cancellation was asked for in the Temporal UI: end the course here if that is right",
	taskCheckOutcome:         "The course was closed without the outcome of a visit: correct it if it was held",
	"texts-full":             "The client has had all the texts they may get, and no email reaches them: tell them yourself",
	"shared-number":          "Two clients share this number, and one of them wrote: find out who",
}

func (t Issue) words() string {
	words, known := issueWords[t.Task]
	if !known {
		words = wording.Title(t.Task)
	}
	if about := NameOf(t.About); about != "" {
		words += " (" + about + ")"
	}
	switch {
	case t.Visit != "":
		words += ". They wrote CANCEL: ask whether they meant " + wording.LowerFirst(wording.Title(t.Visit))
	case t.HoldsTexts:
		words += ". It may mean no more texts, or a wrong number: texts wait until you have read it"
	}
	return words
}

// followUpName is the id of a check-in after an infusion: its number, and hours or days.
var followUpName = regexp.MustCompile(`^check-in-([0-9]+)-([0-9]+)([hd])$`)

// NameOf says what a task, an alert or a line of the history is about as people do, such as "infusion 3". It is empty for what has a name
// that only programs know, such as a reply.
func NameOf(about string) string {
	if key, err := message.Parse(about); err == nil && key.Subject != "" {
		about = key.Subject
	}
	head, number, numbered := cutNumber(about)
	switch {
	case about == temporalUI, numbered && slices.Contains([]string{"reply", "alert", "fact"}, head):
		return ""
	case about == string(person.SMS), about == string(person.Email), choiceLabels["gate"][about] != "":
		return wording.LowerFirst(labelOf("gate", about))
	case numbered && slices.Contains([]string{"check-in", "payment", "refund"}, head), numbered && slices.Contains(visit.Kinds, head):
		return head + " " + number
	case numbered: // somebody named it so
		return about
	}
	if m := followUpName.FindStringSubmatch(about); m != nil {
		return "check-in " + m[2] + map[string]string{"h": " hours", "d": " days"}[m[3]] + " after infusion " + m[1]
	}
	return wording.LowerFirst(wording.Title(about))
}

// cutNumber cuts a name such as infusion-3 before its number.
func cutNumber(name string) (head, number string, ok bool) {
	at := strings.LastIndexByte(name, '-')
	if at < 0 {
		return name, "", false
	}
	head, number = name[:at], name[at+1:]
	return head, number, strings.Trim(number, "0123456789") == "" && number != ""
}
