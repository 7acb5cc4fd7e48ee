package care

import (
	"slices"
	"time"

	"kapflow/care/person"
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
	taskCheckOutcome:  "The course was closed without the outcome of a visit: record appointment-corrected if it was held",
	"texts-full":      "The client has had all the texts they may get, and no e-mail reaches them: tell them yourself",
	"shared-number":   "Two clients share this number, and one of them wrote: find out who",
}

func (t Issue) words() string {
	switch words, known := issueWords[t.Task]; {
	case t.Visit != "":
		return words + " (" + t.About + "). They wrote CANCEL: ask whether they meant " + t.Visit
	case t.HoldsTexts:
		return words + " (" + t.About + "). It may mean no more texts, or a wrong number: texts wait until you have read it"
	case known:
		return words + " (" + t.About + ")"
	}
	return wording.Title(t.Task) + " (" + t.About + ")"
}
