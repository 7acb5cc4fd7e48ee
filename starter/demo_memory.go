package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"kapflow/devstack"
	"kapflow/practice"
	"kapflow/practice/coursefile"
	"kapflow/worker/dryrun"
)

// tellMeanwhile plays the demo's first course in memory and tells its story if the embedded Temporal server has to be built first. That
// takes minutes, and so there is something to read.
func tellMeanwhile(t terminal, servers devstack.Options) error {
	building, err := servers.MustBuild()
	if err != nil || !building {
		return err
	}
	fmt.Fprintln(t.out, "\nThe Temporal server has to be built first, once on this machine, which takes some minutes.\n"+
		"Meanwhile, here is a course to read. It is played in memory, by the same rules; the servers play it again later.")
	if err := tellInMemory(t.ctx, t.out, demoCourses[0], time.Now()); err != nil {
		return err
	}
	fmt.Fprintln(t.out)
	return nil
}

// tellInMemory plays a course of the demo without servers, as if it began now, and tells its story.
func tellInMemory(ctx context.Context, out io.Writer, file demoCourse, now time.Time) error {
	prac, err := practice.Sample(now)
	if err != nil {
		return err
	}
	course, err := file.read(prac, now)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s\n%s\n", course.Name, strings.Repeat("─", len(course.Name)))
	return dryrun.Play(ctx, course, prac, &coursefile.StorySink{Out: out, Zone: prac.Zone})
}
