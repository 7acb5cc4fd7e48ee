package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kapflow/devstack"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/practice/coursefile"
	"kapflow/starter/rehearsal"
	"kapflow/worker/wiring"
)

type rehearseCommand struct {
	Courses  []string `arg:"" name:"course.yaml" help:"Course files." type:"path"`
	Practice string   `help:"Practice file to use instead of the one that each course names." type:"path"`
	JSON     bool     `name:"json" help:"Print one JSON object per line."`
}

// Run plays every file on one pair of servers, each with clients of its own. A course that fails does not stop the others.
func (c rehearseCommand) Run(t terminal) (err error) {
	servers, err := rehearsal.StartTestServers(t.ctx, devstack.Options{Out: t.err}, keyring.Ring{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, servers.Close()) }()
	var errs []error
	for _, file := range c.Courses {
		if err := t.ctx.Err(); err != nil {
			return err
		}
		if err := c.play(t, servers, file); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (c rehearseCommand) play(t terminal, servers *rehearsal.TestServers, file string) (err error) {
	course, prac, err := readCourse(file, c.Practice)
	if err != nil {
		return err
	}
	var sink coursefile.Sink = coursefile.JSONSink{Out: t.out, Zone: prac.Zone}
	if !c.JSON {
		fmt.Fprintf(t.out, "%s (%s)\n", course.Name, file)
		timeline := &coursefile.TimelineSink{Out: t.out, Zone: prac.Zone}
		defer func() { err = errors.Join(err, timeline.Close()) }()
		sink = timeline
	}
	began := time.Now()
	environment, err := servers.Open(t.ctx, rehearsal.EnvironmentOptions{Practice: prac, Providers: course.NeedsProviders()})
	if err != nil {
		return err
	}
	defer environment.Close()
	if err := environment.Play(t.ctx, course, sink); err != nil {
		return err
	}
	fmt.Fprintf(t.err, "%s: went as expected, in %.1f s\n", file, time.Since(began).Seconds())
	return nil
}

// readCourse reads a course with its practice: practiceFile, or else the one that the course names, or else the sample.
func readCourse(file, practiceFile string) (*coursefile.Course, practice.Practice, error) {
	body, err := os.ReadFile(file)
	if err != nil {
		return nil, practice.Practice{}, usageError{fmt.Errorf("read the course: %w", err)}
	}
	if practiceFile == "" {
		if practiceFile, err = practiceOf(file); err != nil {
			return nil, practice.Practice{}, err
		}
	}
	prac, err := wiring.LoadPractice(practiceFile)
	if errors.Is(err, os.ErrNotExist) {
		err = usageError{err}
	}
	if err != nil {
		return nil, prac, err
	}
	course, err := rehearsal.Parse(file, body, prac.Zone, prac.Policy, time.Now())
	return course, prac, err
}

// practiceOf returns the path of the practice file that a course names, or "".
func practiceOf(file string) (string, error) {
	path, line, err := coursefile.PracticePath(os.DirFS(filepath.Dir(file)), filepath.Base(file))
	if err != nil || path == "" {
		return "", err
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(file), path)
	}
	if _, err := os.Stat(path); err != nil {
		return "", &coursefile.FileError{File: file, Line: line,
			Reason: fmt.Sprintf("practice: there is no file %s; the path starts at the course's own folder; leave practice out to use the sample practice", path)}
	}
	return path, nil
}
