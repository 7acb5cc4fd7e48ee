package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/values"
	"kapflow/workflows"
)

// Desk is the one way in. Every report goes through it: it knows who asks, keeps private text out of the
// workflow, holds shared time, and notes who did what.
type Desk struct {
	Store          Store
	TemporalClient client.Client
	TaskQueue      string
	Policy         policy.Policy
	Zone           clock.Zone                            // the practice's
	LoadZone       func(name string) (clock.Zone, error) // of clients, by IANA name
	// ReadPolicy reads a practice file and says what is wrong with it, in sentences.
	ReadPolicy func(ctx context.Context, text []byte) (p policy.Policy, faults []string, err error)
	// PlayCourse plays a course file under the practice file in force, in memory. It may take some seconds.
	PlayCourse func(ctx context.Context, text []byte) (CourseStory, error)
	// SampleCourses gives the shipped course files that PlayCourse can play.
	SampleCourses func() []SampleCourse
	// MonthJournal gives the function that writes a month of the books for the accountant. first is the month's first day.
	MonthJournal func(first time.Time) func(money.Books) []byte
	Now          func() time.Time
	// Patience is how long a report waits for a journey whose worker is away. After it the report may still
	// be taken in; asking again with the same id tells.
	Patience   time.Duration
	DraftsKept time.Duration // how long a draft is kept after it was last changed; 0: DefaultDraftsKept
	// JourneyTime gives a journey's own time where that is not the desk's: in a demo whose journeys skipped months. Nil: Now.
	JourneyTime func(ctx context.Context, clientID string) (time.Time, error)
	// Waits says why a journey does not answer. Nil: nobody knows.
	Waits func(ctx context.Context, clientID string) error
}

// Answer is what a recorded fact answers.
type Answer struct {
	ClientID    string     `json:"client"`
	Seq         int        `json:"seq"`
	Stage       care.Stage `json:"stage"`
	Appointment string     `json:"appointment,omitempty"`
	Repeated    bool       `json:"repeated,omitempty"`
	ID          string     `json:"id"`
}

// Command is one report on its way in.
type Command struct {
	Seen     int // number of the last fact that its author saw; 0: not known
	ClientID string
	Fact     string
	By       access.Person
	ID       string // of the report; empty: the desk makes one
	With     json.RawMessage

	actor    person.Actor // in which role they act, once the desk let them
	fresh    bool         // the desk made the id
	recorded bool         // the log has the report
}

// Record reports one fact about one client. The error is a *care.Refusal when it was refused.
func (d *Desk) Record(ctx context.Context, cmd Command) (answer Answer, err error) {
	kind, ask := recording(&cmd)
	err = d.Do(ctx, cmd.By, ask, func(by person.Actor) error {
		cmd.actor = by
		answer, err = d.record(ctx, kind, cmd)
		return err
	})
	return answer, err
}

// recording gives what somebody asks for who reports a fact, and gives the report an id. A name that is no fact's and ids that
// cannot be kept are denied like a role that may not.
func recording(cmd *Command) (care.Kind, Ask) {
	kind, known := care.KindNamed(cmd.Fact)
	if cmd.ID == "" {
		cmd.ID = idOf(cmd.With)
	}
	if cmd.ID == "" {
		cmd.ID, cmd.fresh = NewID("fact"), true
	}
	rule := access.RuleOfFact(kind)
	if !known {
		rule = access.RuleOfAnything(care.UnknownFact(cmd.Fact))
	}
	given := *cmd
	return kind, Ask{Action: access.Record, Subject: cmd.ClientID, Detail: map[string]string{"fact": keepable(cmd.Fact), "id": keepable(cmd.ID)}, rule: &rule,
		check: func(context.Context, person.Actor) error { return checkIDs(given) }}
}

func (d *Desk) record(ctx context.Context, kind care.Kind, cmd Command) (Answer, error) {
	if kind.Opens {
		return Answer{}, d.enrolledAlready(ctx, cmd.ClientID)
	}
	if !cmd.fresh {
		if seq, found, err := d.Store.FactAnswer(ctx, cmd.ClientID, cmd.ID); err != nil {
			return Answer{}, fmt.Errorf("look up fact: %w", err)
		} else if found {
			return d.recordAgain(ctx, kind, cmd, seq)
		}
	}
	// Most facts need no more of the chart here than that there is one: the journey has it.
	if enrolled, err := d.Store.Enrolled(ctx, cmd.ClientID); err != nil {
		return Answer{}, fmt.Errorf("look up client: %w", err)
	} else if !enrolled {
		return Answer{}, unknownClient(cmd.Fact, cmd.ClientID)
	}
	with, err := d.prepare(ctx, kind, cmd)
	if err != nil {
		return Answer{}, err
	}
	return d.send(ctx, kind, cmd, with)
}

// send sends what is to be recorded to the client's journey, with the time of people that it takes held meanwhile.
func (d *Desk) send(ctx context.Context, kind care.Kind, cmd Command, with json.RawMessage) (Answer, error) {
	report := care.Report{ID: cmd.ID, By: cmd.actor, Seen: cmd.Seen, With: with}
	held, err := d.holdTime(ctx, kind, cmd, &report)
	if err != nil {
		return Answer{}, err
	}
	answer, err := d.update(ctx, cmd, report)
	var refusal *care.Refusal
	if errors.As(err, &refusal) {
		for _, slot := range held {
			if relErr := d.Store.Release(ctx, slot); relErr != nil {
				return Answer{}, errors.Join(err, fmt.Errorf("release time: %w", relErr))
			}
		}
	}
	return answer, err
}

// checkIDs refuses ids that cannot be kept: they stand in keys, in logs and in the audit.
func checkIDs(cmd Command) error {
	for _, x := range []struct{ field, value string }{{"client", cmd.ClientID}, {"id", cmd.ID}, {"by", cmd.By.ID()}} {
		if _, err := values.Line(x.value, values.MostLine); err != nil {
			return care.Refuse(cmd.Fact, care.CodeInvalid, fmt.Sprintf("%s: %v", x.field, err), "")
		}
	}
	return nil
}

func idOf(with json.RawMessage) string {
	var x struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(with, &x) // what is not an object is refused by the fact's own decoding
	return x.ID
}

// recordAgain answers a report whose id the log has under a number. The journey is asked, too, as long as it remembers the report: if the
// workflow task in which the fact was saved is lost, the log has a fact that the journey does not have (docs/adr/0055), and
// it takes the report in now or refuses it.
func (d *Desk) recordAgain(ctx context.Context, kind care.Kind, cmd Command, seq int) (Answer, error) {
	chart, err := d.Store.Chart(ctx, cmd.ClientID)
	if err != nil {
		return Answer{}, fmt.Errorf("read chart: %w", err)
	}
	before := Answer{ClientID: cmd.ClientID, Seq: seq, Stage: chart.Stage(), Repeated: true, ID: cmd.ID}
	if !slices.ContainsFunc(chart.Receipts, func(r care.Receipt) bool { return r.ID == cmd.ID }) {
		return before, nil // with so many facts after it, the journey has it
	}
	facts, err := d.Store.Facts(ctx, cmd.ClientID)
	if err != nil {
		return Answer{}, fmt.Errorf("read facts: %w", err)
	}
	i := slices.IndexFunc(facts, func(e care.Entry) bool { return e.Seq == seq })
	if i < 0 || facts[i].Fact != cmd.Fact {
		return before, nil
	}
	cmd.With, cmd.recorded = facts[i].With, true
	answer, err := d.send(ctx, kind, cmd, facts[i].With)
	if errors.Is(err, errResting) {
		return before, nil
	}
	answer.Repeated = answer.Repeated || answer.Seq == seq
	return answer, err
}

// errResting says that no run of a client's journey takes a report that the log has.
var errResting = errors.New("the journey rests")

// prepare turns what a person wrote into what may travel: private texts become references, and what only
// the desk knows (zone data, the current policy) is added.
func (d *Desk) prepare(ctx context.Context, kind care.Kind, cmd Command) (json.RawMessage, error) {
	if err := kind.CheckValues(cmd.With); err != nil {
		return nil, err
	}
	cmd.With = kind.MarkConcern(cmd.With, cmd.actor.Role)
	with, err := kind.HidePrivate(cmd.With, func(field, text string) (string, error) {
		text, err := kind.PrivateValue(field, text, d.Now())
		if err != nil {
			return "", err
		}
		return d.Store.Hide(ctx, cmd.ClientID, field, text)
	})
	if err != nil {
		var refused *care.Refusal
		if errors.As(err, &refused) {
			return nil, refused
		}
		return nil, fmt.Errorf("store private text: %w", err)
	}
	switch kind.Adds {
	case care.AddsClientZone:
		return d.addZone(kind.Name, with)
	case care.AddsPolicy:
		return addFields(with, map[string]any{"policy": d.Policy.Agreed(), "zone_data": d.Zone})
	}
	return with, nil
}

func (d *Desk) addZone(fact string, with json.RawMessage) (json.RawMessage, error) {
	var x struct {
		Timezone string `json:"timezone"`
	}
	if json.Unmarshal(with, &x) != nil || x.Timezone == "" {
		return with, nil
	}
	zone, err := d.clientZone(fact, x.Timezone)
	if err != nil {
		return nil, err
	}
	return addFields(with, map[string]any{"zone_data": zone})
}

func addFields(with json.RawMessage, extra map[string]any) (json.RawMessage, error) {
	m := map[string]any{}
	if len(with) > 0 {
		if err := json.Unmarshal(with, &m); err != nil {
			return with, nil //nolint:nilerr // the fact's own decoding names what is wrong
		}
	}
	for k, v := range extra {
		m[k] = v
	}
	return json.Marshal(m)
}

// slotFor gives the time a booking or move would take of the clinicians. Anything malformed is left for
// the fact's own checks.
func (d *Desk) slotFor(chart *care.Chart, kind care.Kind, cmd Command) (care.Slot, bool) {
	if !kind.TakesTime() {
		return care.Slot{}, false
	}
	fact, _, err := kind.Decode(cmd.With, d.Zone)
	if err != nil {
		return care.Slot{}, false
	}
	return chart.WantedSlot(kind, fact)
}

// update sends the report to the client's journey and waits until it is recorded. Its id is the report's,
// so that asking again after a lost answer changes nothing.
func (d *Desk) update(ctx context.Context, cmd Command, report care.Report) (Answer, error) {
	patience := d.Patience
	if patience == 0 {
		patience = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var answer workflows.Answer
	gone := 0 // times in a row that no run was there: one that is restarted is gone for a moment
	reopened := false
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		report.To = d.address(ctx, cmd)
		handle, err := d.TemporalClient.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: cmd.ClientID, UpdateID: report.ID, UpdateName: cmd.Fact, Args: []any{report},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err == nil {
			err = handle.Get(ctx, &answer)
		}
		if err == nil {
			return Answer{ClientID: cmd.ClientID, Seq: answer.Seq, Stage: answer.Stage, Appointment: answer.Appointment, Repeated: answer.Repeated, ID: report.ID}, nil
		}
		if refusal := refusalOf(err); refusal != nil {
			return Answer{}, refusal
		}
		notFound := new(serviceerror.NotFound)
		if !errors.As(err, &notFound) {
			gone = 0
		} else if gone++; gone > 3 {
			if cmd.recorded {
				return Answer{}, errResting
			}
			if reopened {
				return Answer{}, d.notRunning(ctx, cmd)
			}
			if err := d.reopen(ctx, cmd, report); err != nil {
				return Answer{}, err
			}
			gone, reopened = 1, true
		}
		if gone == 0 && !again(err) {
			return Answer{}, fmt.Errorf("record %s: %w", cmd.Fact, readable(err))
		}
		select {
		case <-ctx.Done():
			return Answer{}, fmt.Errorf("record %s: the journey did not answer in time; it may still take the fact in: ask again with the id %s: %w", cmd.Fact, report.ID, d.whyLate(ctx, cmd.ClientID, err))
		case <-time.After(wait):
		}
	}
}

// address says what a report is made for, and that it is made now.
func (d *Desk) address(ctx context.Context, cmd Command) care.Address {
	to := care.Address{Fact: cmd.Fact, Client: cmd.ClientID, SentAt: d.Now().UTC()}
	if d.JourneyTime != nil {
		if now, err := d.JourneyTime(ctx, cmd.ClientID); err == nil { // without a journey the update itself says what is wrong
			to.SentAt = now.UTC()
		}
	}
	return to
}

// again says whether an error is one that passes: the server is away, the journey just continued as new, or it failed three
// times running (no worker that can read it, a server too busy to hear the workers' answers) and will be tried again.
func again(err error) bool {
	var (
		unavailable *serviceerror.Unavailable
		exhausted   *serviceerror.ResourceExhausted
		deadline    *serviceerror.DeadlineExceeded
		aborted     *serviceerror.Aborted
		timeout     *client.WorkflowUpdateServiceTimeoutOrCanceledError
		internal    *serviceerror.Internal
		notReady    *serviceerror.WorkflowNotReady
		application *temporal.ApplicationError
	)
	if errors.As(err, &application) {
		return application.Type() == "AcceptedUpdateCompletedWorkflow" // the run ended under the update; the next run takes it
	}
	return errors.As(err, &unavailable) || errors.As(err, &exhausted) || errors.As(err, &deadline) || errors.As(err, &aborted) ||
		errors.As(err, &timeout) || errors.As(err, &internal) || errors.As(err, &notReady)
}

func refusalOf(err error) *care.Refusal {
	var application *temporal.ApplicationError
	if !errors.As(err, &application) || !application.HasDetails() {
		return nil
	}
	refusal := new(care.Refusal)
	if application.Details(refusal) != nil || refusal.Code == "" {
		return nil
	}
	return refusal
}

// reopen starts the journey of a finished course again for a fact that the rules accept: an insurer that pays or takes its
// money back after a year, a payment, a second course. A fact that they refuse gets their answer, and nothing is started.
func (d *Desk) reopen(ctx context.Context, cmd Command, report care.Report) error {
	chart, err := d.Store.Chart(ctx, cmd.ClientID)
	if err != nil {
		return fmt.Errorf("read chart: %w", err)
	}
	if !chart.Closed() {
		return d.notRunning(ctx, cmd)
	}
	if err := chart.Check(cmd.Fact, report, d.Now()); err != nil {
		return err
	}
	if chart, err = d.Store.TakeOver(ctx, cmd.ClientID); err != nil {
		return fmt.Errorf("take over journey: %w", err)
	}
	chart.ReopenedAt = d.Now().UTC()
	if err := d.start(ctx, chart, enumspb.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING); err != nil {
		return fmt.Errorf("start journey again: %w", err)
	}
	return nil
}

// notRunning says why there is no journey to take a fact.
func (d *Desk) notRunning(ctx context.Context, cmd Command) error {
	chart, err := d.Store.Chart(ctx, cmd.ClientID)
	if err != nil {
		return fmt.Errorf("read chart: %w", err)
	}
	if chart.Closed() {
		return care.Refuse(cmd.Fact, care.CodeCourseClosed, fmt.Sprintf("the course is %s and its record is closed", chart.Stage()), person.Coordinator)
	}
	return care.Refuse(cmd.Fact, care.CodeWrongState, "the client's journey was not started; enroll the client again to start it", person.Coordinator)
}
