package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"kapflow/devstack"
)

// The variables of the chaos drill: how many kills, and the file that keeps what was done so that a run can go on.
const (
	chaosVariable = "KAPFLOW_CHAOS"
	chaosState    = "KAPFLOW_CHAOS_STATE"
)

// killsPerCourse and sideBySide are the density of the long drill: 1,000 kills are 40 courses, four at a time on one pair of
// servers, so that a kill of a server hits four courses at once.
const (
	killsPerCourse = 25
	sideBySide     = 4
)

// TestChaos kills a random one of worker, Temporal and Postgres at random moments of courses whose messages go to providers
// over HTTP. No fact that the desk answered is lost, no message or payment is doubled, no infusion starts with a gate shut, and
// each course ends as an undisturbed one does. Without KAPFLOW_CHAOS it is the short form.
func TestChaos(t *testing.T) {
	if os.Getenv(chaosVariable) == "" {
		t.Parallel()
	}
	log, kills := openChaosLog(t), 5
	if text := os.Getenv(chaosVariable); text != "" {
		var err error
		kills, err = strconv.Atoi(text)
		must(t, err)
	}
	calm := map[string]chaosOutcome{}
	for first := 0; first*killsPerCourse < kills; first += sideBySide {
		var plans []chaosPlan
		for n := first; n < first+sideBySide && n*killsPerCourse < kills; n++ {
			if !log.has(n) {
				plan := planChaos(log.Seed, n, min(killsPerCourse, kills-n*killsPerCourse))
				calm[plan.Course] = calmEnd(t, plan.Course)
				plans = append(plans, plan)
			}
		}
		if len(plans) > 0 {
			t.Run(fmt.Sprintf("courses-from-%d", first+1), func(t *testing.T) { playChaos(t, log, calm, plans) })
		}
	}
	log.report(t)
}

// chaosTarget is what a kill hits.
type chaosTarget string

const (
	killWorker   chaosTarget = "worker"
	killTemporal chaosTarget = "temporal"
	killPostgres chaosTarget = "postgres"
)

var chaosTargets = []chaosTarget{killWorker, killTemporal, killPostgres}

// chaosPlan is what happens to one course. The same seed gives the same plan.
type chaosPlan struct {
	N      int
	Course string
	Kills  []chaosKill
}

// chaosKill is one kill: at which of a thousand parts of the course, how long after that step began, and how long the server
// stays away.
type chaosKill struct {
	Part   int
	Target chaosTarget
	Delay  time.Duration
	Away   time.Duration
}

func planChaos(seed uint64, n, kills int) chaosPlan {
	random := rand.New(rand.NewPCG(seed, uint64(n)))
	targets, away := chaosTargets, 1500
	if networkOnly() {
		targets, away = slices.Sorted(maps.Keys(networkFaults)), 6000 // some longer than a save may take
	}
	plan := chaosPlan{N: n, Course: chaosCourses[n%len(chaosCourses)].name}
	for _, part := range moments(random, kills, 1000) {
		plan.Kills = append(plan.Kills, chaosKill{Part: part, Target: targets[random.IntN(len(targets))],
			Delay: time.Duration(random.IntN(300)) * time.Millisecond, Away: time.Duration(random.IntN(away)) * time.Millisecond})
	}
	return plan
}

// chaosCourses are played in turn. The second has a gate shut to its end, and somebody tries to start the infusion.
var chaosCourses = []struct {
	name   string
	change func([]byte) []byte
}{
	{name: brief},
	{name: "waiting-at-the-lab-gate.yaml", change: triesWithTheGateShut},
}

func changeOf(name string) func([]byte) []byte {
	for _, c := range chaosCourses {
		if c.name == name {
			return c.change
		}
	}
	return nil
}

// chaosPlay is one course being played: its plan, its house, and what it came to.
type chaosPlay struct {
	plan   chaosPlan
	house  *chaosHouse
	seen   *memory
	killed map[chaosTarget]int
	began  time.Time
}

// playChaos plays some courses side by side on servers of their own, which are killed, and checks each when all are over.
func playChaos(t *testing.T, log *chaosLog, calm map[string]chaosOutcome, plans []chaosPlan) {
	tn := ownTown(t, devstack.Options{})
	r := &reaper{town: tn, orders: make(chan order), ended: make(chan error, 1)}
	var plays []*chaosPlay
	for _, plan := range plans {
		h := newChaosHouse(t, tn)
		plays = append(plays, &chaosPlay{plan: plan, house: h, killed: map[chaosTarget]int{}, began: time.Now()})
		h.hireChaos(t)
	}
	go func() { r.ended <- r.serve() }()
	t.Run("playing", func(t *testing.T) {
		for _, p := range plays {
			t.Run(fmt.Sprintf("course-%d", p.plan.N+1), func(t *testing.T) {
				t.Parallel()
				p.play(t, r)
			})
		}
	})
	close(r.orders)
	if err := <-r.ended; err != nil {
		t.Error("the servers or a worker did not come back:", err)
	}
	for _, p := range plays {
		end := p.end(calm[p.plan.Course])
		log.add(t, end)
		for _, fault := range end.Faults {
			t.Errorf("course %d (%s): %s", p.plan.N+1, p.plan.Course, fault)
		}
	}
}

// play plays a course while its plan's kills are ordered.
func (p *chaosPlay) play(t *testing.T, r *reaper) {
	course := readCourse(t, p.house.house, p.plan.Course, changeOf(p.plan.Course))
	next := 0
	p.seen = p.house.play(t, course, func(done, total int) {
		// Nothing is killed after the last steps: who reads the end does not ask twice.
		for next < len(p.plan.Kills) && (p.plan.Kills[next].Part*total/1000 <= done || done >= total-2) && done < total-1 {
			r.orders <- order{p.plan.Kills[next], p}
			next++
		}
	})
}

// reaper kills and brings back, one after the other. A course waits until its order is taken, so that no kill comes after its end.
type reaper struct {
	town   *town
	orders chan order
	ended  chan error
}

type order struct {
	chaosKill
	play *chaosPlay
}

func (r *reaper) serve() error {
	var faults []error
	for o := range r.orders {
		time.Sleep(o.Delay) // the moment is random; nothing waits for it
		if err := r.kill(o); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", o.Target, err))
		}
		o.play.killed[o.Target]++
	}
	return errors.Join(faults...)
}

func (r *reaper) kill(o order) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	switch o.Target {
	case killTemporal:
		if err := r.town.Temporal.Kill(); err != nil {
			return err
		}
		time.Sleep(o.Away) // this is the outage
		return r.town.Temporal.Restart(ctx)
	case killPostgres:
		if err := r.town.Postgres.Kill(); err != nil {
			return err
		}
		time.Sleep(o.Away) // this is the outage
		return r.town.Postgres.Restart(ctx)
	case killWorker:
		return o.play.house.replace()
	default:
		return o.play.house.disturb(networkFaults[o.Target], o.Away)
	}
}

// chaosLog is what a drill did up to now. It is kept in a file after each course, if one is named.
type chaosLog struct {
	Seed    uint64     `json:"seed"`
	Courses []chaosEnd `json:"courses"`

	mu   sync.Mutex
	file string
}

// chaosEnd is what one course came to.
type chaosEnd struct {
	N         int                 `json:"n"`
	Course    string              `json:"course"`
	Killed    map[chaosTarget]int `json:"killed"`
	Facts     int                 `json:"facts"`
	Messages  int                 `json:"messages"`
	Unknown   int                 `json:"unknown"` // messages of which nobody knows whether they left; a person or the other channel follows
	Infusions int                 `json:"infusions"`
	Postings  int                 `json:"postings"`
	Seconds   int                 `json:"seconds"`
	Faults    []string            `json:"faults,omitempty"`
}

func openChaosLog(t *testing.T) *chaosLog {
	t.Helper()
	log := &chaosLog{Seed: chance(t).Uint64(), file: os.Getenv(chaosState)}
	if log.file == "" {
		return log
	}
	body, err := os.ReadFile(log.file)
	if errors.Is(err, fs.ErrNotExist) {
		return log
	}
	must(t, err)
	must(t, json.Unmarshal(body, log))
	return log
}

func (l *chaosLog) has(n int) bool {
	for _, c := range l.Courses {
		if c.N == n {
			return true
		}
	}
	return false
}

func (l *chaosLog) add(t *testing.T, end chaosEnd) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Courses = append(l.Courses, end)
	if l.file == "" {
		return
	}
	body, err := json.MarshalIndent(l, "", " ")
	must(t, err)
	must(t, os.WriteFile(l.file+".new", body, 0o600))
	must(t, os.Rename(l.file+".new", l.file))
}

// report prints the sums, over earlier runs too.
func (l *chaosLog) report(t *testing.T) {
	t.Helper()
	killed, sum := map[chaosTarget]int{}, chaosEnd{}
	for _, c := range l.Courses {
		for target, n := range c.Killed {
			killed[target] += n
		}
		sum.Facts += c.Facts
		sum.Messages += c.Messages
		sum.Unknown += c.Unknown
		sum.Infusions += c.Infusions
		sum.Postings += c.Postings
		sum.Faults = append(sum.Faults, c.Faults...)
	}
	t.Logf("seed %d: %d courses; kills %v; %d facts, %d messages (%d unknown), %d infusions, %d postings; %d faults",
		l.Seed, len(l.Courses), killed, sum.Facts, sum.Messages, sum.Unknown, sum.Infusions, sum.Postings, len(sum.Faults))
}
