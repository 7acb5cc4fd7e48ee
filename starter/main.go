// Command starter is Kapflow's command line: try a course, enrol clients, record facts, and see what blocks
// whom and whose move it is.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"kapflow/care"
	"kapflow/practice"
	"kapflow/starter/rehearsal"
)

// Exit codes, so that a script can tell what happened.
const (
	exitFailed  = 1 // something went wrong that is not one of the others
	exitUsage   = 2 // the command or a file was not understood
	exitRefused = 3 // a fact was refused, or a course did not go as its file says
	exitAway    = 4 // Temporal or Postgres cannot be reached
)

type commandLine struct {
	Demo      demoCommand      `cmd:"" help:"Play sample courses on a server of your own, and watch them."`
	Rehearse  rehearseCommand  `cmd:"" help:"Play course files in virtual time and check what they expect."`
	Enroll    enrollCommand    `cmd:"" help:"Enrol clients from a JSON file (one client or a list) or a CSV file."`
	Record    recordCommand    `cmd:"" help:"Record one fact about a client."`
	Facts     factsCommand     `cmd:"" help:"List every fact that can be recorded, by whom, and its fields."`
	Show      showCommand      `cmd:"" help:"Show where one client stands: gates, whose move, what comes next, balance."`
	Board     boardCommand     `cmd:"" help:"Show all clients: stage, blocked by, whose move, next."`
	Plans     plansCommand     `cmd:"" help:"Compare the ways to pay for a number of infusions, and what comes back of a package."`
	Document  documentCommand  `cmd:"" help:"Make what a client is handed, as a page to print or a PDF: estimate, statement, receipt, superbill."`
	Statement statementCommand `cmd:"" help:"Show a client's account, medical and psychotherapy fees apart."`
	Billing   billingCommand   `cmd:"" help:"Change what papers say of a client: legal name, address, insurer's member id."`
	Insurer   insurerCommand   `cmd:"" name:"eligibility" help:"Ask the insurer about a client's benefits, if that is set up, as a suggestion for the coverage review."`
	Ledger    ledgerCommand    `cmd:"" help:"The books: balances, the accountant's journal, month-end."`
	Mailbox   mailboxCommand   `cmd:"" help:"Show the messages a client was sent."`
	Sheet     sheetCommand     `cmd:"" help:"Show the sheet of an infusion day: what the client said ahead, the check-in, the run."`
	History   historyCommand   `cmd:"" help:"Show everything that happened to one client: who, when, what, why."`
	Measures  measuresCommand  `cmd:"" help:"Show one client's PHQ-9, GAD-7 and mood over time."`
	Export    exportCommand    `cmd:"" help:"Write one client's whole record into a directory: to print, as tables, as JSON and as FHIR."`
	Audit     auditCommand     `cmd:"" help:"Show who looked at one client's record or changed it, and check that the audit log is whole."`
	Outcomes  outcomesCommand  `cmd:"" help:"Sum up how the practice's clients fare, naming nobody."`
	Links     linksCommand     `cmd:"" help:"Print links to saved views of the Temporal UI."`
	Upgrade   upgradeCommand   `cmd:"" help:"Move every running journey to the current worker build."`
	Policy    policyCommand    `cmd:"" help:"Work with the practice file."`
	Worklist  worklistCommand  `cmd:"" aliases:"matter" help:"Work with the coordinator's list of messages that need a look."`
	Messages  messagesCommand  `cmd:"" help:"Look at the texts that clients and staff are sent."`
	Words     wordsCommand     `cmd:"" help:"List every sentence that Kapflow can say, to clients, staff and operators."`
}

// terminal is what commands write to; tests give their own.
type terminal struct {
	ctx      context.Context
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, out, errs io.Writer) (code int) {
	var cli commandLine
	exited := -1
	parser, err := kong.New(&cli, kong.Name("starter"), kong.UsageOnError(), kong.Writers(out, errs),
		kong.Exit(func(c int) { exited = c; panic(earlyExit{}) }),
		kong.Description("Kapflow keeps every client's treatment journey. Exit status: 0 done, 1 failed, 2 not understood, 3 refused, 4 server not reached."))
	if err != nil {
		fmt.Fprintln(errs, "starter:", err)
		return exitFailed
	}
	defer func() {
		if r := recover(); r != nil {
			if _, early := r.(earlyExit); !early {
				panic(r)
			}
			code = exited
		}
	}()
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(errs, "starter: %v\nTry starter --help.\n", err)
		return exitUsage
	}
	if err := parsed.Run(terminal{ctx: ctx, out: out, err: errs}); err != nil {
		fmt.Fprintln(errs, "starter:", err)
		return exitCode(err)
	}
	return 0
}

// earlyExit ends parsing when help was printed.
type earlyExit struct{}

// usageError is a command or file that was not understood.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// awayError is a server that cannot be reached.
type awayError struct{ error }

func exitCode(err error) int {
	var (
		usage   usageError
		away    awayError
		file    *rehearsal.FileError
		faults  practice.Faults
		refusal *care.Refusal
		failed  *rehearsal.Failed
	)
	switch {
	case errors.As(err, &usage), errors.As(err, &file), errors.As(err, &faults):
		return exitUsage
	case errors.As(err, &refusal), errors.As(err, &failed):
		return exitRefused
	case errors.As(err, &away):
		return exitAway
	default:
		return exitFailed
	}
}
