package desk

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/values"
	"kapflow/workflows"
)

// Enrollment is what the practice knows of a new client.
type Enrollment struct {
	Reference       string // the practice's own number for the client, if it has one
	PreferredName   string
	Pronouns        string // as the client says them; optional
	Phone           string // E.164
	Email           string
	BirthDate       string       // 1990-01-31; optional: the second factor of the links in messages
	Billing         care.Billing // for documents; optional
	Timezone        string       // IANA name; empty: the practice's
	Presenting      []string
	Physician       string
	Psychotherapist string
	Consent         map[person.Channel]string // channel → detail
	OtherPerson     bool                      // somebody looked: it is not the client with the same name and number or address
}

// opening is the fact that opens a record.
var opening = care.OpeningKind()

// Enroll opens a client's record and starts their journey. The same person enrolled twice, at the same
// moment too, gives one journey; the other is told already-enrolled. Started but not finished (a crash
// between the two) is finished by enrolling again, and so is a journey that was terminated in Temporal.
func (d *Desk) Enroll(ctx context.Context, who access.Person, e Enrollment) (answer Answer, err error) {
	cmd := Command{ClientID: NewID("client"), Fact: opening.Name, By: who}
	_, ask := recording(&cmd)
	err = d.Do(ctx, who, ask, func(by person.Actor) error {
		cmd.actor = by
		answer, err = d.enroll(ctx, cmd, e)
		return err
	})
	return answer, err
}

func (d *Desk) enroll(ctx context.Context, cmd Command, e Enrollment) (Answer, error) {
	e, err := e.Tidy(d.Now())
	if err != nil {
		return Answer{}, err
	}
	zone, err := d.clientZone(opening.Name, e.Timezone)
	if err != nil {
		return Answer{}, err
	}
	chart, taken, err := d.openChart(cmd, e, zone)
	if err != nil {
		return Answer{}, err
	}
	changes := chart.DiffAndPublish(chart.EnrolledAt)
	client := e.client()
	client.Billing, client.Save = e.Billing, care.Save{Chart: chart, Entry: &taken.Entry, Changes: changes}
	got, created, err := d.Store.NewClient(ctx, client)
	var known *care.SamePersonError
	if errors.As(err, &known) {
		if err := d.refuseKnown(ctx, known, e); err != nil {
			return Answer{ClientID: known.ClientID}, err
		}
		client.FindSame = false
		got, created, err = d.Store.NewClient(ctx, client)
	}
	if err != nil {
		return Answer{}, fmt.Errorf("write client: %w", err)
	}
	var startErr error
	if created {
		startErr = d.start(ctx, chart, enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL)
	} else {
		chart, startErr = d.startAgain(ctx, got)
	}
	if errors.Is(startErr, errRunning) {
		return Answer{ClientID: got}, d.enrolledAlready(ctx, got)
	}
	if startErr != nil {
		return Answer{ClientID: got}, fmt.Errorf("start journey: %w", startErr)
	}
	answer := Answer{ClientID: got, Seq: 1, Stage: chart.Stage(), ID: taken.Entry.ID}
	return answer, d.recordConsents(ctx, cmd.By, got, e)
}

// client is a new client as the store looks for them among the clients there are.
func (e Enrollment) client() care.NewClient {
	return care.NewClient{Identity: e.identity(), FindSame: true,
		Contact: person.Contact{PreferredName: e.PreferredName, Pronouns: e.Pronouns, Phone: e.Phone, Email: e.Email, BirthDate: e.BirthDate}}
}

// refuseKnown is the refusal to enroll somebody who is, or seems to be, a client already. It is nil if a person says that it is somebody
// else, and no date of birth says otherwise.
func (d *Desk) refuseKnown(ctx context.Context, known *care.SamePersonError, e Enrollment) error {
	switch {
	case known.Sure:
		return d.enrolledAlready(ctx, known.ClientID)
	case e.OtherPerson:
		return nil
	}
	return care.Refuse(opening.Name, care.CodeInvalid, "other_person: this "+known.Error()+
		". The same person is not enrolled twice; for another course record course-begun for "+known.ClientID+". If it is another person, say so: other_person is yes", person.Coordinator)
}

// refuseEnrolled refuses to enroll somebody who is a client already. known is that client's id.
func (d *Desk) refuseEnrolled(ctx context.Context, e Enrollment) (known string, err error) {
	id, err := d.Store.KnownClient(ctx, e.client())
	var same *care.SamePersonError
	switch {
	case errors.As(err, &same):
		if err := d.refuseKnown(ctx, same, e); err != nil {
			return same.ClientID, err
		}
	case err != nil:
		return "", fmt.Errorf("look for the client: %w", err)
	case id != "":
		return id, d.enrolledAlready(ctx, id)
	}
	return "", nil
}

// Tidy checks every value of an enrollment and returns them as they are kept. The error is a refusal that names every field
// that is wrong and quotes none. Files of clients are checked with it while they are read, and Enroll checks again.
func (e Enrollment) Tidy(now time.Time) (Enrollment, error) {
	var found []string
	check := func(field string, text *string, check func(string) (string, error)) {
		if *text == "" {
			return
		}
		clean, err := check(*text)
		if err != nil {
			found = append(found, field+": "+err.Error())
			return
		}
		*text = clean
	}
	line := func(text string) (string, error) { return values.Line(text, values.MostLine) }
	check("reference", &e.Reference, line)
	check("preferred_name", &e.PreferredName, values.Name)
	check("pronouns", &e.Pronouns, values.Pronouns)
	check("phone", &e.Phone, values.Phone)
	check("email", &e.Email, values.Email)
	check("birth_date", &e.BirthDate, func(text string) (string, error) { return values.BirthDay(text, now) })
	check("timezone", &e.Timezone, values.ZoneName)
	check("physician", &e.Physician, line)
	check("psychotherapist", &e.Psychotherapist, line)
	e.Presenting = slices.Clone(e.Presenting)
	for i := range e.Presenting {
		check("presenting", &e.Presenting[i], line)
	}
	for _, ch := range slices.Sorted(maps.Keys(e.Consent)) {
		if ch != person.SMS && ch != person.Email && ch != person.Phone {
			found = append(found, "consent: write sms, email or phone, each with minimal or appointment-time")
		} else if detail := e.Consent[ch]; detail != message.DetailMinimal && detail != message.DetailTime {
			found = append(found, "consent for "+string(ch)+": write minimal or appointment-time")
		}
	}
	if len(found) > 0 {
		return e, care.Refuse(opening.Name, care.CodeInvalid, strings.Join(found, "; "), "")
	}
	billing, err := tidyBilling(opening.Name, e.Billing)
	e.Billing = billing
	return e, err
}

// clientZone loads a client's time zone; the practice's own when none is given.
func (d *Desk) clientZone(fact, name string) (clock.Zone, error) {
	if name == "" {
		return d.Zone, nil
	}
	if _, err := values.ZoneName(name); err != nil {
		return clock.Zone{}, care.Refuse(fact, care.CodeInvalid, "timezone: "+err.Error(), "")
	}
	zone, err := d.LoadZone(name)
	if err != nil {
		return clock.Zone{}, care.Refuse(fact, care.CodeInvalid, "timezone: there is no such time zone; write one such as America/Denver", "")
	}
	return zone, nil
}

// openChart makes the first chart. What identifies the client is not in it: addresses only say that the
// channel exists.
func (d *Desk) openChart(cmd Command, e Enrollment, zone clock.Zone) (*care.Chart, care.Taken, error) {
	with := map[string]any{"presenting": e.Presenting, "physician": e.Physician, "psychotherapist": e.Psychotherapist, "timezone": e.Timezone}
	var channels []person.Channel
	if e.Phone != "" {
		channels = append(channels, person.SMS)
	}
	if e.Email != "" {
		channels = append(channels, person.Email)
	}
	with["channels"] = channels
	body, err := json.Marshal(with)
	if err != nil {
		return nil, care.Taken{}, err
	}
	return care.Enroll(care.Enrollment{ClientID: cmd.ClientID, Report: care.Report{ID: cmd.ID, By: cmd.actor, With: body}, Policy: d.Policy,
		Zone: d.Zone, ClientZone: zone, At: d.Now().UTC()})
}

// identity tells one person from another: the practice's own number, else name and addresses together.
func (e Enrollment) identity() string {
	if e.Reference != "" {
		return "reference:" + e.Reference
	}
	return strings.Join([]string{"person", e.PreferredName, e.Phone, e.Email}, ":")
}

// errRunning says that a journey with this id was started before.
var errRunning = errors.New("the journey was started before")

// start starts a journey with a chart. What happens to a run that there is already is the caller's choice.
func (d *Desk) start(ctx context.Context, chart *care.Chart, conflict enumspb.WorkflowIdConflictPolicy) error {
	id, now := chart.ClientID, chart.EnrolledAt
	reuse := enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY
	if conflict == enumspb.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING {
		reuse = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	}
	attributes := temporal.NewSearchAttributes(workflows.KapStage.ValueSet(string(chart.Stage())), workflows.KapAttention.ValueSet(false), workflows.KapStageSince.ValueSet(now))
	_, err := d.TemporalClient.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: d.TaskQueue, StartDelay: d.ahead(chart),
		// A journey that somebody terminated, or that failed, starts again from its stored chart; one that ran to its end
		// does not.
		WorkflowIDReusePolicy:                    reuse,
		WorkflowIDConflictPolicy:                 conflict,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes:                    attributes,
		StaticSummary:                            "Treatment journey of " + id,
		StaticDetails:                            "Enrolled " + chart.Zone.SayLong(now) + ". Facts are recorded with `starter record` or in the console; this page is for watching.",
	}, workflows.ClientJourneyName, workflows.JourneyInput{Chart: chart})
	var running *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &running) {
		return errRunning
	}
	return err
}

// ahead is how far the time of a journey that is restarted lies ahead of the server's clock: nothing, but in a rehearsal,
// where the new run has to begin at the virtual time that the run before had reached.
func (d *Desk) ahead(chart *care.Chart) time.Duration {
	if chart.Epoch == 0 {
		return 0
	}
	if ahead := time.Until(d.Now()); ahead > time.Minute {
		return ahead
	}
	return 0
}

func (d *Desk) enrolledAlready(ctx context.Context, id string) error {
	if _, err := d.Store.Chart(ctx, id); errors.Is(err, care.ErrNoClient) {
		return care.Refuse(opening.Name, care.CodeUnknownClient, fmt.Sprintf("no client has the id %q", id), "")
	} else if err != nil {
		return fmt.Errorf("read chart: %w", err)
	}
	return care.Refuse(opening.Name, care.CodeAlreadyEnrolled, "this client is enrolled already, as "+id, person.Coordinator)
}

// recordConsents records the consents given on the intake form, each as its own fact.
func (d *Desk) recordConsents(ctx context.Context, who access.Person, id string, e Enrollment) error {
	reports, err := e.consents()
	if err != nil {
		return err
	}
	for _, r := range reports {
		if _, err := d.Record(ctx, Command{ClientID: id, Fact: consented.Name, By: who, ID: r.ID, With: r.With}); err != nil {
			return fmt.Errorf("record %s: %w", r.ID, err)
		}
	}
	return nil
}

// consented is the fact that a client agrees to messages.
var consented = care.KindFor[*care.MessagingConsent]()

// consents are the reports of the consents given on the intake form.
func (e Enrollment) consents() (out []care.Report, err error) {
	for _, ch := range []person.Channel{person.SMS, person.Email, person.Phone} {
		detail, given := e.Consent[ch]
		if !given {
			continue
		}
		with, err := json.Marshal(map[string]any{"channel": ch, "granted": true, "detail": detail, "wording": "intake form"})
		if err != nil {
			return nil, err
		}
		out = append(out, care.Report{ID: "intake-consent-" + string(ch), With: with})
	}
	return out, nil
}

// NewID makes an opaque id: a word and 80 random bits, in lower case without look-alikes.
func NewID(prefix string) string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return prefix + "-" + strings.ToLower(base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding).EncodeToString(b[:]))
}

// ZoneLoader loads zones by IANA name around a time.
func ZoneLoader(now func() time.Time) func(name string) (clock.Zone, error) {
	return func(name string) (clock.Zone, error) {
		loc, err := time.LoadLocation(name)
		if err != nil || name == "" || name == "Local" {
			return clock.Zone{}, fmt.Errorf("time zone %q: %w", name, errors.Join(err, errors.ErrUnsupported))
		}
		return clock.ZoneOf(loc, now()), nil
	}
}
