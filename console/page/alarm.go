package page

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"

	"kapflow/care"
	"kapflow/care/wording"
)

// alarming says whether what a client wrote in one of the named fields of a form points to danger.
func alarming(typed url.Values, fields ...string) bool {
	return slices.ContainsFunc(fields, func(name string) bool { return wording.SoundsOfDanger(typed.Get(name)) })
}

// formLists are the lists of answers that count only when whole.
var formLists = []string{"phq9", "gad7"}

// alarm records a form that points to danger, and the client reads the crisis text before anything else (safety rule D7). The
// clinicians are alerted although the form is not complete: a list without a score is left out then, and whatever else the
// fact cannot hold.
func (v *Visitor) alarm(ctx context.Context, fact string, with map[string]any, incomplete bool) (Outcome, error) {
	with = maps.Clone(with)
	with["concern"] = true
	if incomplete {
		maps.DeleteFunc(with, func(name string, _ any) bool { return slices.Contains(formLists, name) })
	}
	err := v.Record(ctx, fact, with)
	var refused *care.Refusal
	if kind, known := care.KindNamed(fact); known && errors.As(err, &refused) {
		err = v.Record(ctx, fact, map[string]any{kind.About: with[kind.About], "concern": true})
	}
	if err != nil {
		return Outcome{}, err
	}
	return crisisOutcome(), nil
}

func crisisOutcome() Outcome {
	return Outcome{Page: &Content{Title: "Please read this now", Template: "crisis"}}
}
