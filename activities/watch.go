package activities

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
)

// WatchInput asks for one look around the practice.
type WatchInput struct {
	Asked time.Time `json:"asked"` // when the schedule fired, UTC
}

// WatchResult counts what one look found.
type WatchResult struct {
	Late   int `json:"late"`   // messages past their time without an end
	Mailed int `json:"mailed"` // mails to staff
}

// Watch looks for what no journey can see by itself: messages past their time without an end, and facts that the audit log knows
// nothing of, go on the coordinator's list, and staff are mailed what came up since the morning list and cannot wait for the next. However often it runs,
// each is listed and mailed once.
func (a *Activities) Watch(ctx context.Context, in WatchInput) (WatchResult, error) {
	now := a.now(ctx, in.Asked)
	rows, err := a.watched(ctx, now)
	if err != nil {
		return WatchResult{}, err
	}
	late, err := a.lateDeliveries(ctx, rows, now)
	if err != nil {
		return WatchResult{}, err
	}
	var worklist []message.WorklistItem
	for _, l := range late {
		worklist = append(worklist, l.WorklistItem())
	}
	if err := a.List.KeepWorklist(ctx, message.WorklistLate, now, worklist); err != nil {
		return WatchResult{}, fmt.Errorf("keep late messages on the list: %w", err)
	}
	if err := a.List.ReconcileFacts(ctx, now); err != nil {
		return WatchResult{}, fmt.Errorf("reconcile facts with the audit log: %w", err)
	}
	if err := a.List.ForgetDrafts(ctx, now); err != nil {
		return WatchResult{}, fmt.Errorf("forget drafts: %w", err)
	}
	mails, err := a.staffMails(ctx, rows, now)
	if err != nil {
		return WatchResult{}, err
	}
	out := WatchResult{Late: len(late)}
	end := a.keepAuditEnd(ctx, now) // a fault of it keeps no mail back
	for _, m := range mails {
		sent, err := a.tellStaff(ctx, m, now)
		if err != nil {
			return WatchResult{}, err
		}
		if sent {
			out.Mailed++
		}
	}
	if err := a.textOfAlerts(ctx, rows, now); err != nil {
		return out, err
	}
	return out, errors.Join(end, a.keepOutcomes(ctx)) // outcomes last: after an upgrade every client's are worked out, and nobody waits for them
}

// keepOutcomes has reports know what every client adds to them. Where it is interrupted it goes on the next time.
func (a *Activities) keepOutcomes(ctx context.Context) error {
	return untilDone("work out outcomes", func() (int, error) { return a.Records.RefreshOutcomes(ctx, refreshed) })
}

// refreshed is how many clients are summed up in one step.
const refreshed = 500

// watched gives the rows of the clients who may owe a message or a task that presses, and no others. First it has lists know how every
// client stands now, which the lists themselves do for a few clients only.
func (a *Activities) watched(ctx context.Context, now time.Time) ([]care.BoardRow, error) {
	if err := RefreshLists(ctx, a.Records, now); err != nil {
		return nil, err
	}
	who := append(record.PersonRoles(person.StaffRoles()), "")
	ids, err := a.Records.Found(ctx, record.EntrySearch{Kind: record.EntryWatch, Who: who, To: now.Add(time.Microsecond), Until: now}, math.MaxInt32)
	if err != nil {
		return nil, fmt.Errorf("find whom to look at: %w", err)
	}
	rows, err := a.Records.Charts(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read charts: %w", err)
	}
	return rows, nil
}

// Lists are the records as those who keep the lists and the search see them.
type Lists interface {
	RefreshSummaries(ctx context.Context, now time.Time, limit int) (int, error)
	IndexNames(ctx context.Context, limit int) (int, error)
}

// RefreshLists has lists know how every client stands now, and the search every name. Where it is interrupted it goes on the next time.
func RefreshLists(ctx context.Context, lists Lists, now time.Time) error {
	for _, step := range []struct {
		what string
		do   func() (int, error)
	}{
		{"sum up clients", func() (int, error) { return lists.RefreshSummaries(ctx, now, refreshed) }},
		{"index names", func() (int, error) { return lists.IndexNames(ctx, refreshed) }},
	} {
		if err := untilDone(step.what, step.do); err != nil {
			return err
		}
	}
	return nil
}

// untilDone does a step again and again until there are fewer clients than it takes at once.
func untilDone(what string, do func() (int, error)) error {
	for {
		n, err := do()
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if n < refreshed {
			return nil
		}
	}
}

// lateDeliveries gives the deliveries without an end that the register holds, and those that a chart owes and nobody ever
// took up.
func (a *Activities) lateDeliveries(ctx context.Context, rows []care.BoardRow, now time.Time) ([]message.LateDelivery, error) {
	late, err := a.List.LateDeliveries(ctx, now.Add(-care.LateAfter))
	if err != nil {
		return nil, fmt.Errorf("read late deliveries: %w", err)
	}
	var owed []message.LateDelivery
	var keys []message.DeliveryKey
	for _, r := range rows {
		for _, l := range r.Chart.OverdueDeliveries(now) {
			owed, keys = append(owed, l), append(keys, l.Key)
		}
	}
	if len(keys) == 0 {
		return late, nil
	}
	missing, err := a.List.NeverClaimed(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("look deliveries up: %w", err)
	}
	for _, l := range owed {
		if slices.Contains(missing, l.Key) {
			late = append(late, l)
		}
	}
	return late, nil
}

// staffMail is one mail to one member of the staff. It says whom or what to look at, and nothing about it.
type staffMail struct {
	Template message.Template
	To       string // address
	Ref      string // client's id, or a worklist item's
	Told     []string
}

// staffMails gives what staff are still to be told: tasks that press, by client and person, and what is new on the
// coordinator's list.
func (a *Activities) staffMails(ctx context.Context, rows []care.BoardRow, now time.Time) ([]staffMail, error) {
	var mails []staffMail
	for _, r := range rows {
		for _, t := range r.Chart.PressingTasks(now) {
			who, to := a.staffFor(r.Chart, t.Role)
			if to == "" {
				continue
			}
			key := message.TaskKey(r.ClientID, who, t.ID(), t.Due)
			if told, err := a.List.StaffNotified(ctx, key); err != nil {
				return nil, fmt.Errorf("look up what was told: %w", err)
			} else if told {
				continue
			}
			i := slices.IndexFunc(mails, func(m staffMail) bool { return m.Ref == r.ClientID && m.To == to })
			if i < 0 {
				mails = append(mails, staffMail{Template: message.TemplateTask, To: to, Ref: r.ClientID})
				i = len(mails) - 1
			}
			mails[i].Told = append(mails[i].Told, key)
		}
	}
	news, alarms, err := a.newWorklistItems(ctx)
	mails = append(mails, alarms...)
	if err != nil || len(news) == 0 {
		return mails, err
	}
	m := staffMail{Template: message.TemplateWorklist, To: a.Practice.Practice.Coordinator, Ref: news[0].ID()}
	if len(news) > 1 {
		m.Ref += fmt.Sprintf(" and %d more", len(news)-1)
	}
	for _, n := range news {
		m.Told = append(m.Told, n.Key())
	}
	return append(mails, m), nil
}

// newWorklistItems gives what the coordinator has not been told of, and the mails to everybody else about texts that point
// to danger and belong to no running journey.
func (a *Activities) newWorklistItems(ctx context.Context) (news []message.WorklistItem, alarms []staffMail, err error) {
	all, err := a.List.Worklist(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read worklist: %w", err)
	}
	isNew := func(key string) bool {
		told, lookErr := a.List.StaffNotified(ctx, key)
		if lookErr != nil {
			err = fmt.Errorf("look up what was told: %w", lookErr)
		}
		return !told && lookErr == nil
	}
	for _, m := range all {
		if isNew(m.Key()) {
			news = append(news, m)
		}
		if !m.Danger() {
			continue
		}
		alarmed, readErr := a.alarmed(ctx, append(m.Clients, m.ClientID))
		if readErr != nil {
			return nil, nil, readErr
		}
		for _, to := range alarmed {
			if key := m.KeyFor(to); isNew(key) {
				alarms = append(alarms, staffMail{Template: message.TemplateWorklist, To: to, Ref: m.ID(), Told: []string{key}})
			}
		}
	}
	return news, alarms, err
}

// alarmed gives the addresses, beside the coordinator's, of who hears of words of danger: the on-call contact and both
// clinicians: those of every client whose words they may be, if that is known.
func (a *Activities) alarmed(ctx context.Context, clients []string) (addresses []string, err error) {
	clinicians, err := a.cliniciansOf(ctx, clients)
	if err != nil {
		return nil, err
	}
	addresses = append(addresses, a.Practice.Practice.OnCall)
	for _, id := range clinicians {
		clinician, _ := a.Practice.Clinician(id)
		if !slices.Contains(addresses, clinician.Email) {
			addresses = append(addresses, clinician.Email)
		}
	}
	return slices.DeleteFunc(addresses, func(to string) bool { return to == "" || to == a.Practice.Practice.Coordinator }), nil
}

// staffFor gives who does a role's tasks for a client, and their address; a clinician without an address is the
// coordinator's to tell. A nurse is told in the room and by the board.
func (a *Activities) staffFor(c *care.Chart, role person.Role) (who, to string) {
	switch role {
	case person.Coordinator:
		return string(role), a.Practice.Practice.Coordinator
	case person.Psychotherapist:
		who = c.Psychotherapist
	case person.Physician:
		who = c.Physician
	default:
		return "", ""
	}
	if clinician, _ := a.Practice.Clinician(who); clinician.Email != "" {
		return who, clinician.Email
	}
	return who, a.Practice.Practice.Coordinator
}

// key names the mail by whom or what it tells of.
func (m staffMail) key() string {
	if m.Template == message.TemplateTask {
		return message.TaskMailKey(m.Ref, m.Told)
	}
	return message.WorklistMailKey(m.Told)
}

// tellStaff sends one mail and notes what it told. A mail that surely did not leave is tried again at the next look; one
// of which nobody knows is not: what it says stands on the board and in the morning list too.
func (a *Activities) tellStaff(ctx context.Context, m staffMail, now time.Time) (sent bool, err error) {
	subject, text, err := a.Texts.Render(m.Template, person.Email, "", map[string]string{
		"Practice": a.Practice.Practice.DisplayName, "Phone": a.Practice.Practice.Phone, "Ref": m.Ref})
	if err != nil {
		return false, fmt.Errorf("make mail: %w", err)
	}
	receipt, err := SendNow(ctx, a.Sender, OutboundMessage{Key: m.key(), Channel: person.Email, To: m.To, Subject: subject, Text: text, Template: m.Template})
	if err != nil {
		return false, fmt.Errorf("mail staff: %w", err)
	}
	if receipt.State == message.StatePlanned {
		a.Log.Warn("a mail to staff could not leave", "template", m.Template, "fault", receipt.Fault)
		return false, nil
	}
	if receipt.State == message.StateRejected {
		a.Log.Error("a mail to staff was refused", "template", m.Template, "fault", receipt.Fault)
	}
	if err := a.List.NoteStaffNotified(ctx, now, m.Told...); err != nil {
		return false, fmt.Errorf("note what was told: %w", err)
	}
	return true, nil
}
