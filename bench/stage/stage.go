// Package stage plays courses for the benchmark and the browser tests, in environments where the same course always costs
// the same.
package stage

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"go.temporal.io/sdk/client"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/config"
	"kapflow/engine"
	"kapflow/practice"
	"kapflow/practice/coursefile"
	"kapflow/starter/rehearsal"
	"kapflow/worker/dryrun"
)

// Zone is the time zone of courses here. It has no clock changes, so a course costs the same on every day of the year.
const Zone = "America/Phoenix"

// Environment is a practice at work on test servers.
type Environment struct{ *rehearsal.Environment }

// Options change what an environment is made of.
type Options struct {
	// Policy changes the sample practice's policy.
	Policy func(*policy.Policy)
	// Zone is the practice's time zone. Empty is the stage's.
	Zone string
	// Settings name the message providers. The zero value is the mailbox.
	Settings config.Settings
}

// Open opens an environment with the sample practice, and starts its workers.
func Open(ctx context.Context, servers *rehearsal.TestServers, o Options) (_ *Environment, err error) {
	prac, err := Practice()
	if err != nil {
		return nil, err
	}
	if o.Policy != nil {
		o.Policy(&prac.Policy)
	}
	if o.Zone != "" {
		prac.Policy.Practice.Timezone = o.Zone
		if prac.Zone, err = practice.LoadZone(o.Zone, time.Now()); err != nil {
			return nil, err
		}
	}
	environment, err := servers.Open(ctx, rehearsal.EnvironmentOptions{Practice: prac, Settings: o.Settings})
	if err != nil {
		return nil, err
	}
	environment.Drive = func(ctx context.Context, workflowID string, to time.Time) error {
		return Drive(ctx, environment.TemporalClient, workflowID, to)
	}
	if err := environment.Work(); err != nil {
		environment.Close()
		return nil, err
	}
	return &Environment{environment}, nil
}

// Practice is the sample practice in the stage's zone.
func Practice() (practice.Practice, error) {
	now := time.Now()
	prac, err := practice.Sample(now)
	if err != nil {
		return prac, err
	}
	if prac.Zone, err = practice.LoadZone(Zone, now); err != nil {
		return prac, err
	}
	prac.Policy.Practice.Timezone = Zone
	return prac, nil
}

// Course reads a course, with every client in the stage's zone.
func Course(files fs.FS, name string) (*coursefile.Course, error) {
	prac, err := Practice()
	if err != nil {
		return nil, err
	}
	body, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	course, err := rehearsal.Parse(name, body, prac.Zone, prac.Policy, time.Now())
	if err != nil {
		return nil, err
	}
	for i := range course.Clients {
		course.Clients[i].Timezone = Zone
	}
	return course, nil
}

// Enroll enrolls one client of a course at its start. reference must differ each time a file is played in the same
// environment.
func (e *Environment) Enroll(ctx context.Context, course *coursefile.Course, cl coursefile.Client, reference string) (string, error) {
	e.Clock.Set(course.Start)
	answer, err := e.Desk.Enroll(ctx, access.FromRehearsal(e.Desk.Policy, person.Actor{ID: "coordinator", Role: person.Coordinator}), dryrun.Enrollment(cl, reference))
	if err != nil {
		return "", fmt.Errorf("enroll %s: %w", cl.ID, err)
	}
	return answer.ClientID, nil
}

// Play enrolls a course's clients, plays it, and checks what it expects. It returns the clients' ids by their names in the
// file.
func (e *Environment) Play(ctx context.Context, course *coursefile.Course, reference string) (map[string]string, error) {
	ids := map[string]string{}
	for _, cl := range course.Clients {
		id, err := e.Enroll(ctx, course, cl, reference)
		if err != nil {
			return ids, err
		}
		ids[cl.ID] = id
	}
	player := &rehearsal.Player{Course: course, On: e.Environment, Sink: coursefile.Silent{}, Enrolled: ids}
	return ids, player.Play(ctx)
}

// Settling is how far past a step's time a journey is driven before the step, because a timer of the same moment fires some
// milliseconds later.
const Settling = time.Second

// Drive moves a workflow just past a time and waits until it is at rest. Otherwise no two runs would cost the same: a fact
// recorded while a timer of the same moment is being handled may or may not share its workflow task, and moving time during
// a task makes one more task.
func Drive(ctx context.Context, c client.Client, workflowID string, to time.Time) error {
	if err := rest(ctx, c, workflowID); err != nil {
		return err
	}
	if err := engine.FastForward(ctx, c, workflowID, to.Add(Settling)); err != nil {
		return err
	}
	return rest(ctx, c, workflowID)
}

// rest waits until neither a workflow task nor an activity is running.
func rest(ctx context.Context, c client.Client, workflowID string) error {
	for {
		d, err := c.DescribeWorkflowExecution(ctx, workflowID, "")
		if err != nil {
			return fmt.Errorf("look whether %s is at rest: %w", workflowID, err)
		}
		if d.GetPendingWorkflowTask() == nil && len(d.GetPendingActivities()) == 0 {
			return nil
		}
		time.Sleep(2 * time.Millisecond)
	}
}
