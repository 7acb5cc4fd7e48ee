package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/values"
)

// Ask is what somebody wants to do, as the audit log keeps it.
type Ask struct {
	Action  access.Action
	Subject string            // the client's id, or what else it is about
	Detail  map[string]string // what else the audit log keeps

	reads bool                                             // fn only reads, so it may run while the row is written
	rule  *access.Rule                                     // nil: the action's row
	check func(ctx context.Context, by person.Actor) error // what must hold besides; its refusal is a denial
}

// What follows an action's name in the audit log when it was not done.
const (
	refusedSuffix    = "-refused"
	unansweredSuffix = "-unanswered" // nobody knows whether it was done
)

// Subjects of the audit log that are no client's id.
const (
	Practice  = "practice"
	malformed = "malformed" // instead of an id that cannot be kept
)

// Do is the one way for people and machines to do something: it holds them against the rule, writes to the audit log who was
// allowed or denied, and only then calls fn with the role in which they act. Refusals and failures of fn are written down too.
// The error is a *care.Refusal for a denial. Nothing is done if the audit log cannot be written; an fn that only reads runs meanwhile, and
// the caller must give nobody what it read.
func (d *Desk) Do(ctx context.Context, who access.Person, ask Ask, fn func(by person.Actor) error) error {
	rule := access.RuleOf(ask.Action)
	if ask.rule != nil {
		rule = *ask.rule
	}
	by, refusal := rule.Check(who, ask.Action, d.Now())
	if refusal == nil && !who.MayAskAbout(ask.Subject) {
		refusal = care.Refuse(string(ask.Action), care.CodeNotYourRole, "a link is good for the client who was sent it, and for no other", person.Coordinator)
	}
	if refusal != nil {
		return errors.Join(refusal, d.noteEnd(ctx, who, by, ask, refusal))
	}
	if ask.check != nil {
		if err := ask.check(ctx, by); err != nil {
			return errors.Join(err, d.noteEnd(ctx, who, by, ask, err))
		}
	}
	unwritten, err := d.noteAndDo(ctx, who, by, ask, fn)
	if unwritten != nil {
		return unwritten
	}
	if errors.Is(err, care.ErrErased) {
		err = care.Refuse(string(ask.Action), care.CodeUnknownClient, "this record was erased; `starter audit` with its id says who decided so, when and why", "")
	}
	if err != nil {
		return errors.Join(err, d.noteEnd(ctx, who, by, ask, err))
	}
	return nil
}

// noteAndDo writes that somebody was allowed something, and calls fn when that is written, or meanwhile if fn only reads. unwritten is the error
// of the row, err that of fn.
func (d *Desk) noteAndDo(ctx context.Context, who access.Person, by person.Actor, ask Ask, fn func(by person.Actor) error) (unwritten, err error) {
	if !ask.reads {
		if unwritten = d.note(ctx, who, by, ask, ""); unwritten == nil {
			err = fn(by)
		}
		return unwritten, err
	}
	written := make(chan error, 1)
	go func() { written <- d.note(ctx, who, by, ask, "") }()
	err = fn(by)
	return <-written, err
}

// NoteStranger writes down that somebody asked for something whom nobody could name: a user of this machine who may act for
// no person, or not for the one they named.
func (d *Desk) NoteStranger(ctx context.Context, who access.Person, as string) error {
	return d.note(ctx, who, who.Actor(), Ask{Action: access.SignIn + refusedSuffix, Subject: Practice, Detail: map[string]string{"as": as}}, "")
}

// noteTime is how long a failed request may take to write down that it failed, although whoever asked has gone.
const noteTime = 5 * time.Second

// noteEnd writes down why something was not done.
func (d *Desk) noteEnd(ctx context.Context, who access.Person, by person.Actor, ask Ask, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	var refusal *care.Refusal
	if !errors.As(why, &refusal) {
		ask.Action += unansweredSuffix
		return d.note(ctx, who, by, ask, "")
	}
	ask.Action += refusedSuffix
	return d.note(ctx, who, by, ask, refusal.Code)
}

// note writes one row: who, as whom of this machine, and how we know.
func (d *Desk) note(ctx context.Context, who access.Person, by person.Actor, ask Ask, code string) error {
	detail := maps.Clone(ask.Detail)
	if detail == nil {
		detail = map[string]string{}
	}
	reason, _ := who.Emergency(d.Now())
	for name, value := range map[string]string{"code": code, "via": string(who.Via()), "login": who.Login(), "emergency": reason} {
		if value != "" {
			detail[name] = value
		}
	}
	var body json.RawMessage
	if len(detail) > 0 {
		var err error
		if body, err = json.Marshal(detail); err != nil {
			return fmt.Errorf("write audit: %w", err)
		}
	}
	by.ID = keepable(by.ID)
	if err := d.Store.Audit(ctx, by, string(ask.Action), keepable(ask.Subject), body); err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	return nil
}

// keepable is an id as the audit log can keep it in the clear.
func keepable(id string) string {
	line, err := values.Line(id, values.MostLine)
	if err != nil || line == "" {
		return malformed
	}
	return line
}
