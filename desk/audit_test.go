package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/store"
)

// countedStore counts audit rows and can refuse to write them.
type countedStore struct {
	*store.Store
	rows   []auditRow
	broken bool
}

type auditRow struct {
	by              person.Actor
	action, subject string
	detail          map[string]string
}

func (s *countedStore) Audit(ctx context.Context, by person.Actor, action, subject string, detail json.RawMessage) error {
	if s.broken {
		return errors.New("the audit log cannot be written")
	}
	row := auditRow{by: by, action: action, subject: subject}
	if len(detail) > 0 {
		if err := json.Unmarshal(detail, &row.detail); err != nil {
			return err
		}
	}
	s.rows = append(s.rows, row)
	return s.Store.Audit(ctx, by, action, subject, detail)
}

// auditedDesk is atDesk with a store that counts.
func auditedDesk(t *testing.T) (*desk.Desk, *countedStore) {
	d, records := atDesk(t)
	s := &countedStore{Store: records}
	d.Store = s
	d.MonthJournal = func(time.Time) func(money.Books) []byte { return func(money.Books) []byte { return nil } }
	return d, s
}

// askFor is one request: what the desk is asked, and the rows that it must leave.
type askFor struct {
	do      func(context.Context, *desk.Desk, access.Person) error
	by      person.Actor
	subject string
	rows    []string // actions, in order
	code    string   // of the refusal; empty: it is done
}

func recordOf(client, fact, id string) func(context.Context, *desk.Desk, access.Person) error {
	return func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.Record(ctx, desk.Command{ClientID: client, Fact: fact, By: who, ID: id})
		return err
	}
}

func wide(fact, with string) func(context.Context, *desk.Desk, access.Person) error {
	return func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.RecordWide(ctx, desk.Command{Fact: fact, By: who, ID: "abs", With: json.RawMessage(with)})
		return err
	}
}

var (
	nurseSample = person.Actor{ID: "nurse-sample", Role: person.Nurse}
	drSample    = person.Actor{ID: "dr-sample", Role: person.Physician}
	psySample   = person.Actor{ID: "psy-sample", Role: person.Psychotherapist}
	accountant  = person.Actor{ID: "accountant-sample", Role: person.Accountant}
	ownerSample = person.Actor{ID: "owner-sample", Role: person.Owner}
	aClient     = person.Actor{ID: "client-a", Role: person.Client}
	long        = strings.Repeat("x", 300)
)

// requests are all that can be asked of a desk without Temporal, by those who may and those who may not: each look, each list,
// each report of the practice, and what is malformed, unknown or of a wrong role.
func requests() map[string]askFor {
	all := factRequests()
	maps.Copy(all, otherRequests())
	maps.Copy(all, previewRequests())
	maps.Copy(all, pageRequests())
	maps.Copy(all, bookRequests())
	return all
}

// rows are the actions of the rows that a request leaves.
func rows(actions ...string) []string { return actions }

// The calls of the desk besides recording.
var (
	openRecord = func(client string) func(context.Context, *desk.Desk, access.Person) error {
		return func(ctx context.Context, d *desk.Desk, who access.Person) error {
			_, err := d.OpenRecord(ctx, who, client)
			return err
		}
	}
	accessLog = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.AccessLog(ctx, who, "client-a")
		return err
	}
	outcomes = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.Outcomes(ctx, who)
		return err
	}
	billing = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		return d.ChangeBilling(ctx, who, "client-a", care.BillingChange{})
	}
	endMatter = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		return d.EndWorklistItem(ctx, who, "m-1")
	}
	assign = func(client, reason string) func(context.Context, *desk.Desk, access.Person) error {
		return func(ctx context.Context, d *desk.Desk, who access.Person) error {
			return d.AssignReply(ctx, who, desk.Whose{Item: "m-1", ClientID: client, Reason: reason})
		}
	}
	export = func(o desk.ExportOrder) func(context.Context, *desk.Desk, access.Person) error {
		return func(ctx context.Context, d *desk.Desk, who access.Person) error {
			_, err := d.Export(ctx, who, o)
			return err
		}
	}
	allow = func(client, to string) func(context.Context, *desk.Desk, access.Person) error {
		return func(ctx context.Context, d *desk.Desk, who access.Person) error {
			return d.AllowExport(ctx, who, client, to)
		}
	}
	restart = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		return d.Restart(ctx, who, "client-zz", "it hangs")
	}
	erase = func(client, reason, ended string) func(context.Context, *desk.Desk, access.Person) error {
		return func(ctx context.Context, d *desk.Desk, who access.Person) error {
			at, err := time.Parse(time.DateOnly, ended)
			if err != nil {
				return err
			}
			return d.Erase(ctx, who, desk.EraseOrder{ClientID: client, Reason: reason, RetentionEnded: at})
		}
	}
	previewWide = func(fact string) func(context.Context, *desk.Desk, access.Person) error {
		return func(ctx context.Context, d *desk.Desk, who access.Person) error {
			_, err := d.PreviewWide(ctx, desk.Command{Fact: fact, By: who, ID: "abs", With: json.RawMessage(`{}`)})
			return err
		}
	}
	enroll = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.Enroll(ctx, who, desk.Enrollment{Phone: "none"})
		return err
	}
	previewEnroll = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, _, err := d.PreviewEnroll(ctx, who, desk.Enrollment{Phone: "+13035550142", Presenting: []string{"depression"}})
		return err
	}
	openForm = func(fact string) func(context.Context, *desk.Desk, access.Person) error {
		return func(ctx context.Context, d *desk.Desk, who access.Person) error {
			_, err := d.OpenForm(ctx, who, fact)
			return err
		}
	}
	calendar = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.ReadCalendar(ctx, who, d.Now(), d.Now().AddDate(0, 0, 7))
		return err
	}
	moneyOwed = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.ReadMoney(ctx, who)
		return err
	}
	plans = func(n int) func(context.Context, *desk.Desk, access.Person) error {
		return func(ctx context.Context, d *desk.Desk, who access.Person) error {
			_, err := d.ComparePlans(ctx, who, n)
			return err
		}
	}
	list = func(action access.Action, subject string) func(context.Context, *desk.Desk, access.Person) error {
		return func(ctx context.Context, d *desk.Desk, who access.Person) error {
			return d.Do(ctx, who, desk.Ask{Action: action, Subject: subject}, func(person.Actor) error { return nil })
		}
	}
)

// The pages of the console besides.
var (
	keepDraft = func(client, fact string) func(context.Context, *desk.Desk, access.Person) error {
		return func(ctx context.Context, d *desk.Desk, who access.Person) error {
			return errors.Join(d.KeepDraft(ctx, who, client, fact, nil), d.EndDraft(ctx, who, client, fact))
		}
	}
	seeDay = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.ReadDay(ctx, who, d.Now(), false, 0)
		return err
	}
	seeInbox = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.ReadInbox(ctx, who)
		return err
	}
	seeFind = func(text string) func(context.Context, *desk.Desk, access.Person) error {
		return func(ctx context.Context, d *desk.Desk, who access.Person) error {
			_, _, err := d.Find(ctx, who, text)
			return err
		}
	}
	seePractice = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.ReadPractice(ctx, who)
		return err
	}
	checkPractice = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.CheckPractice(ctx, who, nil)
		return err
	}
	rehearseCourse = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.RehearseCourse(ctx, who, nil)
		return err
	}
	makeFeed = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.MakeFeed(ctx, who)
		return err
	}
	endFeed = func(ctx context.Context, d *desk.Desk, who access.Person) error { return d.EndFeed(ctx, who) }
	ownFeed = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.OwnFeed(ctx, who)
		return err
	}
	seeMonths = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.Months(ctx, who)
		return err
	}
	seeMonth = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.ReadMonth(ctx, who, "2020-01")
		return err
	}
	closeMonth = func(name string) func(context.Context, *desk.Desk, access.Person) error {
		return func(ctx context.Context, d *desk.Desk, who access.Person) error {
			_, err := d.CloseMonth(ctx, who, name)
			return err
		}
	}
	journal = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.GiveJournal(ctx, who, "2020-01", money.Medical)
		return err
	}
	seeAccount = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.ReadAccount(ctx, who, "client-a")
		return err
	}
	seeMessages = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.ReadMessages(ctx, who, "client-a")
		return err
	}
	seeMeasures = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.ReadMeasures(ctx, who, "client-a")
		return err
	}
	seePapers = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.ReadPapers(ctx, who, "client-a")
		return err
	}
	seePaper = func(ctx context.Context, d *desk.Desk, who access.Person) error {
		_, err := d.ReadPaper(ctx, who, "client-a", "none")
		return err
	}
)

// pageRequests look at pages of the console.
func pageRequests() map[string]askFor {
	return map[string]askFor{
		"NurseKeepsADraft":              {keepDraft("client-a", "infusion-stopped"), nurseSample, "client-a", rows("keep-draft"), ""},
		"NurseKeepsADraftOfAnothers":    {keepDraft("client-a", "paused"), nurseSample, "client-a", rows("keep-draft-refused"), care.CodeNotYourRole},
		"NurseKeepsADraftAboutNobody":   {keepDraft("client-zz", "infusion-stopped"), nurseSample, "client-zz", rows("keep-draft", "keep-draft-refused"), care.CodeUnknownClient},
		"DraftOfNoForm":                 {keepDraft("client-a", "nonsense"), nurseSample, "client-a", rows("keep-draft-refused"), care.CodeUnknownFact},
		"AccountantReadsTheDay":         {seeDay, accountant, "day", rows("read-day-refused"), care.CodeNotYourRole},
		"NurseReadsTheDay":              {seeDay, nurseSample, "day", rows("read-day"), ""},
		"OwnerReadsTheInbox":            {seeInbox, ownerSample, "inbox", rows("read-inbox-refused"), care.CodeNotYourRole},
		"CoordinatorReadsTheInbox":      {seeInbox, coordinator, "inbox", rows("read-inbox"), ""},
		"AccountantSearches":            {seeFind("Robin"), accountant, "clients", rows("find-refused"), care.CodeNotYourRole},
		"CoordinatorSearches":           {seeFind("Robin"), coordinator, "clients", rows("find"), ""},
		"CoordinatorSearchesForNothing": {seeFind(" "), coordinator, "clients", rows("find-refused"), care.CodeInvalid},
		"NurseReadsAnAccount":           {seeAccount, nurseSample, "client-a", rows("read-billing-refused"), care.CodeNotYourRole},
		"AccountantReadsAnAccount":      {seeAccount, accountant, "client-a", rows("read-billing"), ""},
		"NurseReadsAClientsMessages":    {seeMessages, nurseSample, "client-a", rows("read-messages-refused"), care.CodeNotYourRole},
		"PhysicianReadsMessages":        {seeMessages, drSample, "client-a", rows("read-messages"), ""},
		"CoordinatorReadsMeasures":      {seeMeasures, coordinator, "client-a", rows("read-measures-refused"), care.CodeNotYourRole},
		"NurseReadsMeasures":            {seeMeasures, nurseSample, "client-a", rows("read-measures"), ""},
		"AccountantReadsDocuments":      {seePapers, accountant, "client-a", rows("give-document-refused"), care.CodeNotYourRole},
		"CoordinatorReadsDocuments":     {seePapers, coordinator, "client-a", rows("give-document"), ""},
		"CoordinatorReadsNoDocument":    {seePaper, coordinator, "client-a", rows("give-document", "give-document-refused"), care.CodeUnknownFact},
	}
}

// factRequests record something.
func factRequests() map[string]askFor {
	return map[string]askFor{
		"FactAboutAnUnknownClient":      {recordOf("client-zz", "paused", "p"), coordinator, "client-zz", rows("record", "record-refused"), care.CodeUnknownClient},
		"FactOfAWrongRole":              {recordOf("client-a", "paused", "p"), nurseSample, "client-a", rows("record-refused"), care.CodeNotYourRole},
		"FactOfAWrongRoleAboutNobody":   {recordOf("client-zz", "paused", "p"), nurseSample, "client-zz", rows("record-refused"), care.CodeNotYourRole},
		"UnknownFact":                   {recordOf("client-a", "nonsense", "p"), nurseSample, "client-a", rows("record-refused"), care.CodeUnknownFact},
		"UnknownLongFact":               {recordOf("client-a", long, "p"), nurseSample, "client-a", rows("record-refused"), care.CodeUnknownFact},
		"ClientThatIsNoID":              {recordOf("a\nb", "paused", "p"), coordinator, "malformed", rows("record-refused"), care.CodeInvalid},
		"ClientOfManyLetters":           {recordOf(long, "paused", "p"), coordinator, "malformed", rows("record-refused"), care.CodeInvalid},
		"ClientWithoutAnID":             {recordOf("", "paused", "p"), coordinator, "malformed", rows("record", "record-refused"), care.CodeUnknownClient},
		"ReportThatIsNoID":              {recordOf("client-a", "paused", "a\x00b"), coordinator, "client-a", rows("record-refused"), care.CodeInvalid},
		"FactOfAnotherPerson":           {recordOf("client-a", "labs-reviewed", "p"), person.Actor{ID: "not-a-person", Role: person.Physician}, "client-a", rows("record-refused"), care.CodeNotYourRole},
		"FactInAnothersRole":            {recordOf("client-a", "labs-reviewed", "p"), person.Actor{ID: "nurse-sample", Role: person.Physician}, "client-a", rows("record-refused"), care.CodeNotYourRole},
		"FactByTheAccountant":           {recordOf("client-a", "payment-received", "p"), accountant, "client-a", rows("record-refused"), care.CodeNotYourRole},
		"EnrollingSomebodyAgain":        {recordOf("client-a", "enrolled", "p"), coordinator, "client-a", rows("record", "record-refused"), care.CodeAlreadyEnrolled},
		"NurseNotesAnAbsence":           {wide("clinician-unavailable", `{}`), nurseSample, "practice", rows("record-refused"), care.CodeNotYourRole},
		"AnAbsenceIsNoted":              {wide("clinician-unavailable", `{"clinician":"dr-sample","from":"2027-06-01 00:00","to":"2027-06-02 00:00"}`), coordinator, "practice", rows("record"), ""},
		"AnAbsenceWithoutDays":          {wide("clinician-unavailable", `{"clinician":"dr-sample"}`), coordinator, "practice", rows("record", "record-refused"), care.CodeInvalid},
		"AFactOfOneClientForThem":       {wide("paused", `{}`), coordinator, "practice", rows("record-refused"), care.CodeUnknownFact},
		"NurseEnrolls":                  {enroll, nurseSample, "", rows("record-refused"), care.CodeNotYourRole},
		"CoordinatorEnrollsTheUnusable": {enroll, coordinator, "", rows("record", "record-refused"), care.CodeInvalid},
	}
}

// TestEveryRequestLeavesARow that names the person and the role, allowed or denied.
func TestEveryRequestLeavesARow(t *testing.T) {
	t.Parallel()
	d, s := auditedDesk(t)
	for name, ask := range requests() {
		s.rows = nil
		who := access.FromRehearsal(d.Policy, ask.by)
		err := ask.do(t.Context(), d, who)
		var refused *care.Refusal
		if errors.As(err, &refused) != (ask.code != "") || refused != nil && refused.Code != ask.code || err != nil && refused == nil {
			t.Errorf("%s: %v, want %q", name, err, ask.code)
		}
		var actions []string
		for _, row := range s.rows {
			actions = append(actions, row.action)
			if row.by != ask.by || ask.subject != "" && row.subject != ask.subject {
				t.Errorf("%s: a row names %v about %q", name, row.by, row.subject)
			}
			if strings.HasSuffix(row.action, "-refused") && row.detail["code"] != ask.code {
				t.Errorf("%s: %s says %v", name, row.action, row.detail)
			}
		}
		if strings.Join(actions, " ") != strings.Join(ask.rows, " ") {
			t.Errorf("%s left %v, want %v", name, actions, ask.rows)
		}
	}
	if _, err := s.CheckAudit(t.Context()); err != nil {
		t.Error(err)
	}
}
