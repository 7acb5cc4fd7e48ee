package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	historypb "go.temporal.io/api/history/v1"

	"kapflow/bench/stage"
	"kapflow/practice"
	"kapflow/practice/coursefile"
	"kapflow/starter/rehearsal"
)

// standardCourse is the course whose cost is watched: evaluation, four preparation sessions, consult, labs,
// Package 1, six infusions with their whole day, six integration sessions, every reminder and every check-in.
const standardCourse = "standard-six.yaml"

// costFile holds what the standard course cost when it was last looked at.
const costFile = "cost.json"

// played is the standard course as it went.
type played struct {
	course  *coursefile.Course
	history []*historypb.HistoryEvent
	tally   Tally
}

func readStandard() (*coursefile.Course, error) {
	return stage.Course(practice.Courses(), standardCourse)
}

// playStandard plays the standard course, checks that it went as its file says, and reads its history.
func playStandard(ctx context.Context, s *rehearsal.TestServers) (played, error) {
	course, err := readStandard()
	if err != nil {
		return played{}, err
	}
	env, err := stage.Open(ctx, s, stage.Options{})
	if err != nil {
		return played{}, err
	}
	defer env.Close()
	ids, err := env.Play(ctx, course, "standard")
	if err != nil {
		return played{}, err
	}
	events, err := history(ctx, env.TemporalClient, ids[course.Clients[0].ID])
	if err != nil {
		return played{}, err
	}
	return played{course: course, history: events, tally: tally(events)}, nil
}

// printTally prints what the course cost, and what of.
func printTally(out io.Writer, t Tally) {
	fmt.Fprintf(out, "The standard course (%s), encrypted\n\n", standardCourse)
	fmt.Fprintf(out, "  history events %6d    without those that only virtual time makes\n", t.Events)
	fmt.Fprintf(out, "  history bytes  %6d    aim: at most 500000\n", t.Bytes)
	fmt.Fprintf(out, "  activities     %6d\n", t.Activities)
	fmt.Fprintf(out, "  timers         %6d    %d fired, %d cancelled for another\n\n", t.Timers, t.Fired, t.Rearmed)
	fmt.Fprintf(out, "  facts F        %6d    the enrolment, and %d updates\n", t.Facts, t.Facts-1)
	fmt.Fprintf(out, "  due moments D  %6d    distinct Send activities: %d at a timer, %d at once with a fact\n", t.Sending, t.Sending-t.AtOnce, t.AtOnce)
	fmt.Fprintf(out, "  quiet moments  %6d    timers that only changed the journal\n", t.Quiet)
	fmt.Fprintf(out, "  also           %6d    saves with a fact (1 event each), %d search-attribute upserts, %d runs\n\n", t.Saves, t.Upserts, t.Runs)
	fmt.Fprintf(out, "  floor          %6d    5·F + 11·D\n", t.Floor())
	fmt.Fprintf(out, "  ratio           %.3f    aim: at most 1.15\n", float64(t.Events)/float64(t.Floor()))
	fmt.Fprintf(out, "  harder floor   %6d    5·F + 11 a moment at a timer + 6 a sending at once; ratio %.3f\n", t.HarderFloor(), float64(t.Events)/float64(t.HarderFloor()))
}

func readCost(path string) (Cost, error) {
	var c Cost
	body, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(body, &c)
}

func writeCost(path string, c Cost) error {
	body, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(body, '\n'), 0o644)
}
