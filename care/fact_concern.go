package care

import (
	"encoding/json"
	"slices"

	"kapflow/care/person"
	"kapflow/care/wording"
)

// Worded is part of every fact that may hold a client's own words, written by the client or by somebody who heard them.
type Worded struct {
	Concern bool `json:"concern"` // the words point to danger: whoever read them, or MarkConcern, says so
}

// tellsOfDanger is a fact that may hold words that point to danger.
type tellsOfDanger interface{ endangered() bool }

// endangered says whether a fact's words point to danger.
func (w Worded) endangered() bool { return w.Concern }

// endangered says whether a fact holds words that point to danger. Such words are taken in although the course is over.
func endangered(f Fact) bool {
	w, has := f.(tellsOfDanger)
	return has && w.endangered()
}

// soundAlarm opens the path of safety rule D7 when a fact's words point to danger.
func (c *Chart) soundAlarm(w Worded, about string, m Meta) {
	if w.Concern {
		c.danger(AlertRisk, about, m)
	}
}

// MarkConcern marks a report in which a private text sounds of danger with concern, so that the rules know what the words were
// about when the words themselves are hidden. Whoever takes a report in calls it first. It reads every private text of the
// kinds with Concern that holds a client's words. In what staff write it reads what they quote, and otherwise looks only for what can
// mean nothing else, such as "she wants to die": "a family emergency" starts no alarm. They say concern themselves. It reads nothing of what clinicians write about a client in reports that
// are not the client's answers, because they have judged and the alarm would go to them, nor why the practice cancels or ends something.
func (k Kind) MarkConcern(with json.RawMessage, by person.Role) json.RawMessage {
	fields := map[string]json.RawMessage{}
	if !k.Concern || !k.ClientsOwn && slices.Contains(clinicians, by) || json.Unmarshal(with, &fields) != nil || practicesSide(fields) {
		return with
	}
	found := false
	_, _ = k.HidePrivate(with, func(field, text string) (string, error) {
		heard := text
		if !k.clientsWords(field, by) {
			found = found || wording.ReportsDanger(text)
			heard = wording.Quoted(text)
		}
		found = found || wording.SoundsOfDanger(heard)
		return text, nil
	})
	if !found {
		return with
	}
	fields["concern"] = json.RawMessage("true")
	marked, err := json.Marshal(fields)
	if err != nil {
		return with
	}
	return marked
}

// clientsWords says whether a private text is what the client wrote or said: in a report of their own, in answers that somebody took
// down, and in the field for their words.
func (k Kind) clientsWords(field string, by person.Role) bool {
	return by == person.Client || by == person.Provider || k.ClientsOwn || field == k.Words
}

// practicesSide says whether a report tells what the practice or a clinician did, not the client.
func practicesSide(fields map[string]json.RawMessage) bool {
	for _, name := range []string{"side", "stopped_by"} {
		var side string
		if json.Unmarshal(fields[name], &side) == nil && side != "" && side != "client" {
			return true
		}
	}
	return false
}
