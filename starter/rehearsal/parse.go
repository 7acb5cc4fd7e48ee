package rehearsal

import (
	"time"

	"kapflow/care/clock"
	"kapflow/care/policy"
	"kapflow/messaging/fake"
	"kapflow/practice/coursefile"
)

// Parse reads a course file that is played on servers: the fakes must know how its providers behave. zone is the practice's; a relative
// start counts from now. The error is a *coursefile.FileError.
func Parse(file string, body []byte, zone clock.Zone, policy policy.Policy, now time.Time) (*coursefile.Course, error) {
	course, err := coursefile.Parse(file, body, zone, policy, now)
	if err != nil {
		return nil, err
	}
	for _, s := range course.Steps {
		if s.Behave == "" {
			continue
		}
		if _, err := fake.ParseBehaviour(s.Behave); err != nil {
			return nil, &coursefile.FileError{File: file, Line: s.Line, Reason: "behave: " + err.Error()}
		}
	}
	return course, nil
}
