package desk

import (
	"context"
	"time"

	"kapflow/access"
	"kapflow/care/money"
	"kapflow/care/person"
)

// CourseStory is what happens in a course file, played under the practice file in force. The file's clients are nobody's.
type CourseStory struct {
	Name   string
	Fault  string // why the file cannot be played, or what did not go as it says; empty: all went as it says
	Line   int    // of the file, that the fault is about; 0: of none
	Played bool   // the file could be read; the lines are what happened up to the fault
	Cut    int    // lines that are left out at the end, because there are too many
	Lines  []StoryLine
	Ends   []StoryEnd
}

// StoryLine is one thing that happens.
type StoryLine struct {
	At     time.Time
	Client string // as the file calls them
	Kind   string // recorded, refused, message, stage, gate, task, alert or ledger
	Words  string
	Text   string // of a message
}

// StoryEnd is how the course of one client ends.
type StoryEnd struct {
	Client                 string
	Stage                  string      // its code
	Medical, Psychotherapy money.Cents // owed
	Messages               int         // that reached the client
}

// SampleCourse is a course file that ships with Kapflow.
type SampleCourse struct {
	File string // its name, without the ending
	Name string
	Text string
}

// RehearseCourse plays a course file. It reads no record and changes nothing. Without a text it says only whether somebody may ask.
func (d *Desk) RehearseCourse(ctx context.Context, who access.Person, text []byte) (s CourseStory, err error) {
	err = d.Do(ctx, who, Ask{Action: access.RehearseCourse, Subject: Practice}, func(person.Actor) error {
		if len(text) == 0 {
			return nil
		}
		s, err = d.PlayCourse(ctx, text)
		return err
	})
	return s, err
}
