package care

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// ReplyAnswered is what staff write back to something that a client wrote. It goes once, by the one channel that the client
// prefers, and settles the task of reading. Behind a link the message says only that there is something to read.
type ReplyAnswered struct {
	Happened
	Reply      string  `json:"reply"` // as its task names it: "reply-5"
	Answer     Private `json:"answer"`
	BehindLink bool    `json:"behind_link"`
}

// checkWords refuses words that no message may carry. It sees them before they are hidden; afterwards there is a reference.
func (f *ReplyAnswered) checkWords(v *inspection) {
	words := string(f.Answer)
	if strings.HasPrefix(words, PrivateRefPrefix) {
		return
	}
	if n := utf8.RuneCountInString(words); f.BehindLink && n > wording.AnswerLinkRoom {
		v.invalid("answer", "is too long: %d characters of at most %d. Make it shorter, or call the client", n, wording.AnswerLinkRoom)
	}
	if fault := wording.AnswerFault(words); fault != "" && !f.BehindLink {
		v.invalid("answer", "%s", fault)
	}
}

func (f *ReplyAnswered) check(c *Chart, m Meta, v *inspection) {
	v.required("reply", f.Reply != "")
	v.required("answer", f.Answer != "")
	issue := c.issue(TaskReadReply, f.Reply)
	switch {
	case f.Reply == "":
	case issue == nil:
		v.stateOf("reply", CodeWrongState, "", "no such reply waits for an answer; it may have been answered already")
	case issue.Role != m.By.Role:
		v.add(atRole, CodeNotYourRole, "", "this reply is for the "+string(issue.Role), issue.Role)
	case issue.HoldsTexts:
		v.stateOf("reply", CodeWrongState, person.Coordinator, "the client may have asked for no more texts, or the number may not be theirs: call them, then mark the reply as read")
	case c.silent() || len(c.answerChannel()) == 0:
		v.state(CodeWrongState, person.Coordinator, "no text or email may be sent to the client: call them, then mark the reply as read")
	}
}

func (f *ReplyAnswered) apply(c *Chart, m Meta) {
	c.settleIssue(slices.IndexFunc(c.Issues, func(t Issue) bool { return t.Task == TaskReadReply && t.About == f.Reply }), m)
	c.forgetAnswers(m.Now)
	c.StaffAnswers = append(c.StaffAnswers, StaffAnswer{Reply: f.Reply, Text: string(f.Answer), BehindLink: f.BehindLink, At: m.Now})
}

// StaffAnswer is what staff wrote back to something that a client wrote.
type StaffAnswer struct {
	Reply      string    `json:"reply"`
	Text       string    `json:"text"` // reference to the private text
	BehindLink bool      `json:"behind_link,omitempty"`
	At         time.Time `json:"at"`
}

// StaffAnswer finds the answer to a reply; nil if there is none, or it is so old that no link leads to it.
func (c *Chart) StaffAnswer(reply string) *StaffAnswer {
	for i := range c.StaffAnswers {
		if c.StaffAnswers[i].Reply == reply {
			return &c.StaffAnswers[i]
		}
	}
	return nil
}

// Times of answers.
const (
	answerUseful = 48 * time.Hour      // then a person tells the client what could not be sent
	answerKept   = 30 * 24 * time.Hour // longer than its link opens
)

// answers adds what staff wrote back. The client asked, so it goes while the course is paused or over, too.
func (l *notificationList) answers() {
	for _, a := range l.c.StaffAnswers {
		d := message.Notification{Key: message.Key{Verb: message.Answer, Subject: a.Reply}, Template: message.TemplateAnswer, Channels: l.c.answerChannel(), Preferred: true,
			At: l.c.laterOpen(a.At), About: a.Reply, Text: a.Text, Words: "Answer to what the client wrote"}
		if a.BehindLink {
			d.Template, d.Words = message.TemplateAnswerLink, d.Words+", behind the link"
		}
		d.Until = d.At.Add(answerUseful)
		d.Call = len(d.Channels) == 0
		l.list = append(l.list, d)
	}
}

// answerChannel is the one way in which an answer goes, if there is one.
func (c *Chart) answerChannel() []person.Channel {
	return c.preferred(c.allowed([]person.Channel{person.SMS, person.Email}))
}

// forgetAnswers drops old answers and that they were sent, so that a chart does not grow with every word.
func (c *Chart) forgetAnswers(now time.Time) {
	c.StaffAnswers = slices.DeleteFunc(c.StaffAnswers, func(a StaffAnswer) bool { return now.Sub(a.At) > answerKept })
	maps.DeleteFunc(c.Handled, func(key message.Key, _ message.Result) bool {
		return key.Verb == message.Answer && c.StaffAnswer(key.Subject) == nil
	})
}
