package desk

import (
	"context"
	"fmt"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
)

// DefaultDraftsKept is how long a draft is kept after it was last changed.
const DefaultDraftsKept = 7 * 24 * time.Hour

// KeepDraft keeps what somebody typed into the form of a fact that they may record. The first time leaves a row in the audit log, and so
// does every denial; what the same person changes in their draft after that leaves none. A form whose report was recorded since is not
// kept. The error is a *care.Refusal for an unknown client or fact, or a role that may not.
func (d *Desk) KeepDraft(ctx context.Context, who access.Person, about, form string, typed map[string][]string) error {
	now := d.Now().UTC()
	kept := d.DraftsKept
	if kept == 0 {
		kept = DefaultDraftsKept
	}
	draft := care.Draft{Person: who.ID(), About: about, Form: form, BegunAt: now, ExpiresAt: now.Add(kept), Typed: typed}
	cmd := Command{ClientID: about, Fact: form, By: who}
	_, ask := previewing(&cmd)
	ask.Action, ask.Detail = access.KeepDraft, map[string]string{"fact": keepable(form)}
	if _, refusal := ask.rule.Check(who, ask.Action, now); refusal == nil {
		if _, known, err := d.Store.Draft(ctx, who.ID(), about, form, now); err != nil {
			return fmt.Errorf("read draft: %w", err)
		} else if known {
			return d.keepDraft(ctx, draft)
		}
	}
	return d.Do(ctx, who, ask, func(person.Actor) error {
		if about != Practice {
			enrolled, err := d.Store.Enrolled(ctx, about)
			if err != nil {
				return fmt.Errorf("look up client: %w", err)
			}
			if !enrolled {
				return unknownClient(form, about)
			}
		}
		return d.keepDraft(ctx, draft)
	})
}

// keepDraft keeps a draft, or ends it if its report was recorded: a page may still save while its form is being recorded.
func (d *Desk) keepDraft(ctx context.Context, draft care.Draft) error {
	for _, id := range draft.Typed["_once"] {
		_, recorded, err := d.Store.FactAnswer(ctx, draft.About, id)
		if err != nil {
			return fmt.Errorf("look up fact: %w", err)
		}
		if recorded {
			return d.Store.EndDraft(ctx, draft.Person, draft.About, draft.Form)
		}
	}
	return d.Store.KeepDraft(ctx, draft, d.Now().UTC())
}

// OwnDraft gives what a person typed into a form and did not record. It is their own text and nobody else's, so the row of the page
// that shows it is enough. One whose report was recorded since is ended and not found.
func (d *Desk) OwnDraft(ctx context.Context, who access.Person, about, form string) (draft care.Draft, found bool, err error) {
	draft, found, err = d.Store.Draft(ctx, who.ID(), about, form, d.Now().UTC())
	if err != nil || !found {
		return draft, false, err
	}
	for _, id := range draft.Typed["_once"] {
		if _, recorded, err := d.Store.FactAnswer(ctx, about, id); err != nil || recorded {
			if err == nil {
				err = d.EndDraft(ctx, who, about, form)
			}
			return draft, false, err
		}
	}
	return draft, true, nil
}

// Changes gives a mark that is another one after each change of any record or of the coordinators' list. It says nothing about anybody,
// so no row is written for it.
func (d *Desk) Changes(ctx context.Context) (mark string, err error) { return d.Store.Changes(ctx) }

// EndDraft forgets a person's own draft.
func (d *Desk) EndDraft(ctx context.Context, who access.Person, about, form string) error {
	return d.Store.EndDraft(ctx, who.ID(), about, form)
}
