package activities

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// staffText is one urgent text to staff who agreed to get such texts, beside the mail that says the same.
type staffText struct {
	Template message.Template
	Ref      string                        // client's id, or a worklist item's
	People   []policy.Member               // whom it is for, whether they agreed or not
	Key      func(who string) (key string) // names it for one person, so that they get it once
}

// alertText is the text of an alert to staff. People are looked up in the practice file as it is today.
func (a *Activities) alertText(clientID string, n message.Notification) staffText {
	t := staffText{Template: n.Template, Ref: clientID, Key: func(who string) string { return message.StaffTextKey(clientID, n.Key, who) }}
	switch m, known := a.Practice.Member(n.Person); {
	case known:
		t.People = []policy.Member{m}
	case n.Person == "": // a role without a name, and not the on-call contact, who has an address only
		t.People = a.Practice.Holding(n.To)
	}
	return t
}

// dangerText is the text about words of danger that no running journey takes.
func (a *Activities) dangerText(ctx context.Context, m message.WorklistItem) (staffText, error) {
	t := staffText{Template: message.TemplateWorklist, Ref: m.ID(), Key: m.TextKeyFor, People: a.Practice.Holding(person.Coordinator)}
	clinicians, err := a.cliniciansOf(ctx, append(m.Clients, m.ClientID))
	if err != nil {
		return staffText{}, err
	}
	for _, id := range clinicians {
		if member, known := a.Practice.Member(id); known && !member.Holds(person.Coordinator) {
			t.People = append(t.People, member)
		}
	}
	return t, nil
}

// textStaff texts everybody who agreed and was not texted yet. It comes after the mail, whose failure is a task. A text that surely did
// not leave is tried again when the practice is next looked over; one that was refused is not, and neither is one of which nobody
// knows. If the program ends between sending and noting, a person is texted twice, which is better than not at all.
func (a *Activities) textStaff(ctx context.Context, t staffText, now time.Time) error {
	for _, who := range t.People {
		if !who.Texts || who.Phone == "" {
			continue
		}
		key := t.Key(who.ID)
		if told, err := a.List.StaffNotified(ctx, key); err != nil || told {
			if err != nil {
				return fmt.Errorf("look up what was told: %w", err)
			}
			continue
		}
		_, text, err := a.Texts.Render(t.Template, person.SMS, "", map[string]string{
			"Practice": a.Practice.Practice.DisplayName, "Phone": a.Practice.Practice.Phone, "Ref": t.Ref})
		if err != nil {
			return fmt.Errorf("make text: %w", err)
		}
		receipt, err := SendNow(ctx, a.Sender, OutboundMessage{Key: key, Channel: person.SMS, To: who.Phone, Text: text, Template: t.Template})
		if err != nil {
			return fmt.Errorf("text staff: %w", err)
		}
		switch receipt.State {
		case message.StatePlanned:
			a.Log.Warn("a text to staff could not leave", "template", t.Template, "fault", receipt.Fault)
			continue
		case message.StateRejected:
			a.Log.Error("a text to staff was refused", "template", t.Template, "person", who.ID, "fault", receipt.Fault)
		}
		if err := a.List.NoteStaffNotified(ctx, now, key); err != nil {
			return fmt.Errorf("note what was told: %w", err)
		}
	}
	return nil
}

// textOfAlerts texts staff of every alert that waits for them and of every danger on the list, if they were not texted before.
func (a *Activities) textOfAlerts(ctx context.Context, rows []care.BoardRow, now time.Time) error {
	for _, r := range rows {
		for _, n := range r.Chart.StaffAlerts(now) {
			if err := a.textStaff(ctx, a.alertText(r.ClientID, n), now); err != nil {
				return err
			}
		}
	}
	all, err := a.List.Worklist(ctx)
	if err != nil {
		return fmt.Errorf("read worklist: %w", err)
	}
	for _, m := range all {
		if !m.Danger() {
			continue
		}
		text, err := a.dangerText(ctx, m)
		if err != nil {
			return err
		}
		if err := a.textStaff(ctx, text, now); err != nil {
			return err
		}
	}
	return nil
}

// cliniciansOf gives the ids of both clinicians of each of some clients, or the practice's first ones if nobody knows whose words
// they are. An empty id is no client.
func (a *Activities) cliniciansOf(ctx context.Context, clients []string) (ids []string, err error) {
	rows, err := a.Records.Charts(ctx, slices.DeleteFunc(slices.Clone(clients), func(id string) bool { return id == "" }))
	if err != nil {
		return nil, fmt.Errorf("read charts: %w", err)
	}
	for _, r := range rows {
		ids = append(ids, r.Chart.Psychotherapist, r.Chart.Physician)
	}
	if len(ids) == 0 {
		ids = []string{a.Practice.FirstClinician(person.Psychotherapist), a.Practice.FirstClinician(person.Physician)}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}
