package wiring

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"kapflow/care/money"
	"kapflow/desk"
	"kapflow/practice"
	"kapflow/practice/coursefile"
	"kapflow/worker/dryrun"
)

const (
	playTime  = 15 * time.Second // for one course on a page; the standard course takes a fiftieth of it
	mostLines = 3000             // of a story on a page
)

// playCourse plays a course file in memory, under the practice file in force. One is played at a time, so that nobody can keep the
// worker busy with courses.
func (a *App) playCourse(ctx context.Context, text []byte, now time.Time) (desk.CourseStory, error) {
	if !a.playing.TryLock() {
		return desk.CourseStory{Fault: "Another course is being played. Try again in a moment"}, nil
	}
	defer a.playing.Unlock()
	course, err := coursefile.Parse("course", text, a.Practice.Zone, a.Practice.Policy, now)
	if err == nil && course.Practice != "" {
		err = &coursefile.FileError{Line: course.PracticeLine, Reason: "practice: leave it out. A course is played here under the practice file in force"}
	}
	if err != nil {
		s := desk.CourseStory{}
		return s, explain(&s, err)
	}
	tale := &tale{TimelineSink: coursefile.TimelineSink{Zone: a.Practice.Zone}, reached: map[string]map[string]bool{}}
	err = dryrun.Play(ctx, course, a.Practice, tale)
	s := desk.CourseStory{Name: course.Name, Played: true}
	tale.tell(&s)
	return s, explain(&s, err)
}

// explain puts an error of the file or of its playing into words. Another error is given back.
func explain(s *desk.CourseStory, err error) error {
	var file *coursefile.FileError
	var failed *coursefile.Failed
	switch {
	case errors.As(err, &file):
		s.Fault, s.Line, s.Played = file.Reason, file.Line, false
	case errors.As(err, &failed):
		s.Fault, s.Line = failed.Reason, failed.Line
	case errors.Is(err, dryrun.ErrTooLong):
		s.Fault = "The course is too long to be played here. Give it fewer clients or steps, or an earlier end"
	case errors.Is(err, context.DeadlineExceeded):
		s.Fault = "There was no time to play the course to its end. Try again when Kapflow is less busy, or give it fewer clients or steps"
	default:
		return err
	}
	return nil
}

// tale keeps what happens in a course.
type tale struct {
	coursefile.TimelineSink
	ends    []coursefile.Line
	reached map[string]map[string]bool // client → deliveries
}

// Line keeps a line. The ends of clients are told apart from what happens.
func (t *tale) Line(l coursefile.Line) error {
	if key, reached := l.Reached(); reached {
		if t.reached[l.Client] == nil {
			t.reached[l.Client] = map[string]bool{}
		}
		t.reached[l.Client][key] = true
	}
	if l.Type == "end" {
		t.ends = append(t.ends, l)
		return nil
	}
	return t.TimelineSink.Line(l)
}

// tell writes down what was kept.
func (t *tale) tell(s *desk.CourseStory) {
	for _, l := range t.Sentences() {
		if len(s.Lines) == mostLines {
			s.Cut++
			continue
		}
		line := desk.StoryLine{At: l.At, Client: l.Client, Kind: l.Type, Words: l.Words}
		if l.Type == "message" {
			line.Text = fmt.Sprint(l.Get("text"))
		}
		s.Lines = append(s.Lines, line)
	}
	for _, l := range t.ends {
		end := desk.StoryEnd{Client: l.Client, Stage: fmt.Sprint(l.Get("stage")), Messages: len(t.reached[l.Client])}
		owed, _ := l.Get("balance").(map[string]money.Cents)
		end.Medical, end.Psychotherapy = owed[string(money.Medical)], owed[string(money.Psychotherapies)]
		s.Ends = append(s.Ends, end)
	}
}

// sampleCourses are the shipped courses that can be played without servers and under any practice file.
var sampleCourses = sync.OnceValue(func() (all []desk.SampleCourse) {
	files, err := fs.Glob(practice.Courses(), "*.yaml")
	if err != nil {
		return nil
	}
	for _, file := range files {
		text, err := fs.ReadFile(practice.Courses(), file)
		if err != nil {
			return nil
		}
		sample := desk.SampleCourse{File: strings.TrimSuffix(file, ".yaml"), Text: string(text)}
		playable := true
		for line := range strings.Lines(sample.Text) {
			line = strings.TrimSpace(line)
			if name, found := strings.CutPrefix(line, "name: "); found && sample.Name == "" {
				sample.Name = name
			}
			playable = playable && !strings.HasPrefix(line, "practice:") && !strings.Contains(line, "provider: ") && !strings.Contains(line, ", reply: ")
		}
		if playable {
			all = append(all, sample)
		}
	}
	return all
})
