package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/practice"
)

// lookedAt is a store that only answers questions; whatever else is asked of it ends the test.
type lookedAt struct {
	desk.Store
	chart   *care.Chart
	clash   string
	audited []string
}

func (s *lookedAt) Chart(_ context.Context, id string) (*care.Chart, error) {
	if id != s.chart.ClientID {
		return nil, care.ErrNoClient
	}
	return s.chart.Clone(), nil
}

func (s *lookedAt) FactAnswer(_ context.Context, _, id string) (int, bool, error) {
	return 3, id == "known", nil
}
func (s *lookedAt) Away(context.Context, care.Slot) ([]string, error) { return nil, nil }
func (s *lookedAt) Busy(context.Context, care.Slot) (string, error)   { return s.clash, nil }
func (s *lookedAt) ToldOfAbsence(context.Context, string) ([]string, error) {
	return []string{"client-a"}, nil
}
func (s *lookedAt) Touched(context.Context, string, time.Time, time.Time) ([]string, error) {
	return []string{"client-a"}, nil
}
func (s *lookedAt) Audit(_ context.Context, _ person.Actor, action, subject string, _ json.RawMessage) error {
	s.audited = append(s.audited, action+" "+subject)
	return nil
}

// onLook is a desk over a client who was just enrolled, and whose store only answers questions.
func onLook(t *testing.T) (*desk.Desk, *lookedAt) {
	t.Helper()
	now := time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC)
	prac, err := practice.Sample(now)
	if err != nil {
		t.Fatal(err)
	}
	chart, _, err := care.Enroll(care.Enrollment{ClientID: "client-a", Policy: prac.Policy.Agreed(), Zone: prac.Zone, ClientZone: prac.Zone, At: now,
		Report: care.Report{ID: "enrol", By: coordinator, With: json.RawMessage(`{"presenting":["depression"]}`)}})
	if err != nil {
		t.Fatal(err)
	}
	chart.DiffAndPublish(now)
	store := &lookedAt{chart: chart}
	return &desk.Desk{Store: store, Policy: prac.Policy, Zone: prac.Zone, Now: func() time.Time { return now }}, store
}

// as is a person of the practice as a rehearsal has them.
func as(d *desk.Desk, by person.Actor) access.Person { return access.FromRehearsal(d.Policy, by) }

// TestPreviewChecksWhatRecordingChecksAndStoresNothing: the store ends the test when anything is written.
func TestPreviewChecksWhatRecordingChecksAndStoresNothing(t *testing.T) {
	t.Parallel()
	d, _ := onLook(t)
	frontDesk, stranger := as(d, coordinator), as(d, person.Actor{ID: "kim-sample", Role: person.Psychotherapist})
	for name, x := range map[string]struct {
		cmd  desk.Command
		code string // of the refusal; empty: it would be recorded
		says string
	}{
		"private words":       {desk.Command{Fact: "paused", By: frontDesk, With: json.RawMessage(`{"reason":"their own words"}`)}, "", "Stage"},
		"a field is missing":  {desk.Command{Fact: "paused", By: frontDesk}, care.CodeInvalid, ""},
		"a bad value":         {desk.Command{Fact: "contact-changed", By: frontDesk, With: json.RawMessage(`{"phone":"call me"}`)}, care.CodeInvalid, ""},
		"another role's fact": {desk.Command{Fact: "dose-ordered", By: frontDesk}, care.CodeNotYourRole, ""},
		"nobody of the staff": {desk.Command{Fact: "screening-recorded", By: stranger, With: json.RawMessage(`{"criteria_met":true,"prefers_kap":true}`)}, care.CodeNotYourRole, ""},
		"no such fact":        {desk.Command{Fact: "pauzed", By: frontDesk}, care.CodeUnknownFact, ""},
		"no such client":      {desk.Command{ClientID: "client-z", Fact: "paused", By: frontDesk}, care.CodeUnknownClient, ""},
		"shut gates":          {desk.Command{Fact: "appointment-booked", By: frontDesk, With: json.RawMessage(`{"kind":"infusion","start":"2027-03-04 10:00"}`)}, care.CodeGatesShut, ""},
		"a busy clinician":    {desk.Command{Fact: "appointment-booked", By: frontDesk, With: json.RawMessage(`{"kind":"infusion","start":"2027-03-04 10:00","tentative":true}`)}, care.CodeOverlap, ""},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			d, store := onLook(t)
			if x.code == care.CodeOverlap {
				store.clash = "the physician is busy then"
			}
			if x.cmd.ClientID == "" {
				x.cmd.ClientID = "client-a"
			}
			p, err := d.Preview(t.Context(), x.cmd)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Refused; (got == nil) != (x.code == "") || got != nil && !got.Has(x.code) {
				t.Fatalf("refused: %+v, want %s", got, x.code)
			}
			if parts := p.Parts(); x.says != "" && (len(parts) == 0 || parts[0].Heading != x.says) {
				t.Errorf("says %v", parts)
			}
			if len(store.audited) == 0 || !strings.HasPrefix(store.audited[0], "preview") {
				t.Errorf("audited %v", store.audited)
			}
		})
	}
}

func TestPreviewOfAKnownReportChangesNothing(t *testing.T) {
	t.Parallel()
	d, _ := onLook(t)
	if p, err := d.Preview(t.Context(), desk.Command{ClientID: "client-a", ID: "known", Fact: "paused", By: as(d, coordinator), With: json.RawMessage(`{"reason":"words"}`)}); err != nil || !p.Repeated || len(p.Parts()) > 0 {
		t.Errorf("%+v %v", p, err)
	}
}

func TestPreviewOfAnAbsenceTellsOfEachClient(t *testing.T) {
	t.Parallel()
	d, store := onLook(t)
	who := d.Policy.Clinicians[0].ID
	cmd := desk.Command{Fact: "clinician-unavailable", By: as(d, coordinator), ID: "away-1", With: json.RawMessage(`{"clinician":"` + who + `","from":"2027-03-04 00:00","to":"2027-03-05 00:00"}`)}
	got, err := d.PreviewWide(t.Context(), cmd)
	if err != nil || len(got) != 1 || got[0].ClientID != "client-a" || got[0].Refused != nil {
		t.Errorf("%+v %v", got, err)
	}
	if len(store.audited) != 2 { // the practice and the client
		t.Errorf("audited %v", store.audited)
	}
	cmd.With = json.RawMessage(`{"clinician":"nobody","from":"2027-03-04 00:00","to":"2027-03-05 00:00"}`)
	if _, err := d.PreviewWide(t.Context(), cmd); err == nil {
		t.Error("an absence of nobody is previewed")
	}
}

// TestAPreviewOfAnEnrollmentEnrollsNobody: it says what the new record will ask for and which messages go, refuses what Enroll refuses,
// and afterward there is nobody more.
func TestAPreviewOfAnEnrollmentEnrollsNobody(t *testing.T) {
	t.Parallel()
	d, records := atDesk(t)
	before, err := records.Board(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	coordinator := sampleOf(d, person.Coordinator)
	e := desk.Enrollment{PreferredName: "Bo", Phone: "+13035550142", Presenting: []string{"depression"}, Consent: map[person.Channel]string{person.SMS: "minimal"}}
	p, _, err := d.PreviewEnroll(t.Context(), coordinator, e)
	if err != nil || p.Stage == nil || p.Stage.To != care.StageEnrolled || len(p.Tasks) == 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	for _, task := range p.Tasks {
		if task.Ends || task.Words == "" {
			t.Errorf("a new record ends %+v", task)
		}
	}
	for who, bad := range map[person.Role]desk.Enrollment{person.Nurse: e, person.Coordinator: {PreferredName: "Bo"}} {
		var refused *care.Refusal
		if _, _, err := d.PreviewEnroll(t.Context(), sampleOf(d, who), bad); !errors.As(err, &refused) {
			t.Errorf("the %s previews %+v: %v", who, bad, err)
		}
	}
	if after, err := records.Board(t.Context()); err != nil || len(after) != len(before) {
		t.Errorf("%d clients before, %d after: %v", len(before), len(after), err)
	}
}

// TestAPreviewOfAnEnrollmentFindsTheSamePerson as Enroll does: it names the client and gives the same refusal, unless somebody looked
// and says that it is another person.
func TestAPreviewOfAnEnrollmentFindsTheSamePerson(t *testing.T) {
	t.Parallel()
	d, _ := atDesk(t)
	kim := desk.Enrollment{PreferredName: "Kim", Phone: "+13035550142", BirthDate: "1990-01-31", Presenting: []string{"depression"}}
	newClient(t, d, "client-k", "reference:a-7", person.Contact{PreferredName: kim.PreferredName, Phone: kim.Phone, BirthDate: kim.BirthDate})
	as := func(change func(e *desk.Enrollment)) desk.Enrollment {
		e := kim
		change(&e)
		return e
	}
	for name, c := range map[string]struct {
		desk.Enrollment
		known bool
	}{
		"the same name, phone and birth date":       {kim, true},
		"the same, and somebody says it is another": {as(func(e *desk.Enrollment) { e.OtherPerson = true }), true},
		"the same name and phone":                   {as(func(e *desk.Enrollment) { e.BirthDate = "" }), true},
		"the same name and phone of another":        {as(func(e *desk.Enrollment) { e.BirthDate, e.OtherPerson = "", true }), false},
		"another birth date":                        {as(func(e *desk.Enrollment) { e.BirthDate = "1991-01-31" }), false},
	} {
		t.Run(name, func(t *testing.T) {
			_, known, err := d.PreviewEnroll(t.Context(), sampleOf(d, person.Coordinator), c.Enrollment)
			if !c.known {
				if known != "" || err != nil {
					t.Errorf("it is taken for %q: %v", known, err)
				}
				return
			}
			answer, enrolled := d.Enroll(t.Context(), sampleOf(d, person.Coordinator), c.Enrollment)
			var previewed, refused *care.Refusal
			if known != "client-k" || answer.ClientID != known || !errors.As(err, &previewed) || !errors.As(enrolled, &refused) || previewed.Error() != refused.Error() {
				t.Errorf("the preview says %q, %v; Enroll %q, %v", known, err, answer.ClientID, enrolled)
			}
		})
	}

	stranger := as(func(e *desk.Enrollment) { e.Physician = "dr-nobody" })
	_, _, previewed := d.PreviewEnroll(t.Context(), sampleOf(d, person.Coordinator), stranger)
	_, enrolled := d.Enroll(t.Context(), sampleOf(d, person.Coordinator), stranger)
	if previewed == nil || enrolled == nil || previewed.Error() != enrolled.Error() {
		t.Errorf("of a form with two faults the preview names %v, and Enroll %v", previewed, enrolled)
	}

	kim.Reference, kim.PreferredName, kim.Phone = "a-7", "Robin", "+13035550143"
	var refused *care.Refusal
	if _, known, err := d.PreviewEnroll(t.Context(), sampleOf(d, person.Coordinator), kim); known != "client-k" || !errors.As(err, &refused) || !refused.Has(care.CodeAlreadyEnrolled) {
		t.Errorf("the practice's own number is taken for %q: %v", known, err)
	}
}
