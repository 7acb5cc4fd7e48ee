// Package care holds the practice's rules as pure values: which facts people may report, what a
// client's chart then says, which gates are open or shut and why, what a named role owes (tasks), and
// what the system owes and when (notifications).
//
// Everything here is deterministic and imports the standard library only: time is an argument, nothing
// is random, and no result depends on the order of a map. The same code decides inside a replayed
// Temporal workflow, in the console, on the command line and in the tests.
//
// Data goes one way: a Report of a Fact is checked against the Chart and taken in (Chart.Record), or
// refused whole with a Refusal that says what is missing and whose move it is. Gates, tasks, notifications and
// the stage are always derived from the chart, never stored by hand, so a correction corrects them too.
package care
