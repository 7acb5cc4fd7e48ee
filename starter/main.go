// Command starter is Kapflow's command line. It plays sample courses, enrolls clients, records facts, and shows where each
// client stands and whose move it is.
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
	"kapflow/output"
	"kapflow/practice"
	"kapflow/practice/coursefile"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type commandLine struct {
	Demo      demoCommand        `cmd:"" help:"Play sample courses on servers of their own, and watch them."`
	Rehearse  rehearseCommand    `cmd:"" help:"Play course files in virtual time, and check what they expect."`
	Enroll    enrollCommand      `cmd:"" help:"Enroll clients from a JSON file (one client or a list) or a CSV file."`
	Record    recordCommand      `cmd:"" help:"Record one fact about a client."`
	Facts     factsCommand       `cmd:"" help:"List every fact that can be recorded, by whom, and its fields."`
	Show      showCommand        `cmd:"" help:"Show where one client stands: gates, whose move it is, what comes next, balance."`
	Board     boardCommand       `cmd:"" help:"Show all clients: stage, what blocks them, whose move it is, what comes next."`
	Plans     plansCommand       `cmd:"" help:"Compare the ways to pay for a number of infusions, and what each package refunds."`
	Document  documentCommand    `cmd:"" help:"Make a document for a client, as a page to print or a PDF: estimate, statement, receipt, superbill."`
	Statement statementCommand   `cmd:"" help:"Show a client's account, with medical and psychotherapy fees shown separately."`
	Billing   billingCommand     `cmd:"" help:"Change a client's legal name, address or insurer's member id on new documents."`
	Insurer   eligibilityCommand `cmd:"" name:"eligibility" help:"Ask the insurer about a client's benefits, if the practice has set that up."`
	Ledger    ledgerCommand      `cmd:"" help:"Work with the books: balances, the accountant's journal, month-end."`
	Mailbox   mailboxCommand     `cmd:"" help:"Show the messages that a client was sent."`
	Sheet     sheetCommand       `cmd:"" help:"Show one infusion day: the client's answers before it, the check-in, the infusion."`
	History   historyCommand     `cmd:"" help:"Show everything that happened to one client: who, when, what, why."`
	Measures  measuresCommand    `cmd:"" help:"Show one client's PHQ-9, GAD-7 and mood over time."`
	Export    exportCommand      `cmd:"" help:"Write one client's whole record into a directory: a page to print, tables, JSON and FHIR."`
	Audit     struct {
		Show  auditShowCommand  `cmd:"" default:"withargs" help:"Show who read or changed one client's record, and check that nobody changed the audit log. The word show may be left out."`
		Check auditCheckCommand `cmd:"" help:"Check that nobody changed the audit log or cut it off, also against its ends that were kept outside of the database."`
	} `cmd:"" help:"Show who read or changed one client's record, and check that nobody changed the audit log."`
	Outcomes outcomesCommand `cmd:"" help:"Summarize how the practice's clients are doing, without naming anyone."`
	Links    linksCommand    `cmd:"" help:"Print links to saved views of the Temporal UI."`
	Restart  restartCommand  `cmd:"" help:"Restart one client's journey from its saved chart, if it hangs."`
	Upgrade  upgradeCommand  `cmd:"" help:"Move every client to the current version of the worker."`
	Staff    staffCommand    `cmd:"" help:"See who works here, invite them to the staff console, and sign them out."`
	Policy   policyCommand   `cmd:"" help:"Check the practice file."`
	Erase    eraseCommand    `cmd:"" help:"Erase one client's record for good, when no law asks to keep it any more."`
	Keys     keysCommand     `cmd:"" help:"See which field keys are needed, and seal everything again under a new one."`
	Backup   backupCommand   `cmd:"" help:"Encrypt and decrypt backups of the database."`
	Worklist worklistCommand `cmd:"" aliases:"matter" help:"Work with the coordinator's list of messages that need a look."`
	Messages messagesCommand `cmd:"" help:"See the texts that clients and staff are sent."`
	Words    wordsCommand    `cmd:"" help:"List every sentence that Kapflow can say, to clients, staff and operators."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run runs one command and returns its exit code. What it prints for people passes the one writer for terminals.
func run(ctx context.Context, args []string, file, errs io.Writer) (code int) {
	out := output.Terminal(file)
	errs = output.Terminal(errs)
	var cli commandLine
	exited := -1
	parser, err := kong.New(&cli, kong.Name("starter"), kong.UsageOnError(), kong.Writers(out, errs),
		kong.Exit(func(c int) { exited = c; panic(earlyExit{}) }),
		kong.Description("Kapflow keeps every client's treatment journey. Exit status: 0 done, 1 failed, 2 wrong command or file, 3 refused, 4 server not reached."))
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
	if err := parsed.Run(terminal{ctx: ctx, out: out, err: errs, file: file}); err != nil {
		fmt.Fprintln(errs, "starter:", err)
		return exitCode(err)
	}
	return 0
}

// earlyExit ends parsing once help was printed.
type earlyExit struct{}

// Exit codes tell a script what happened.
const (
	exitFailed  = 1 // anything else went wrong
	exitUsage   = 2 // the command, a file or a setting cannot be used
	exitRefused = 3 // a fact was refused, or a course did not go as its file says
	exitAway    = 4 // Temporal or Postgres cannot be reached
)

// usageError is a command or file that cannot be used.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// exitCode chooses the exit code by the error's type.
func exitCode(err error) int {
	var (
		usage   usageError
		setting *wiring.SettingsError
		away    *wiring.AwayError
		file    *coursefile.FileError
		faults  practice.Faults
		refusal *care.Refusal
		failed  *coursefile.Failed
	)
	switch {
	case errors.As(err, &usage), errors.As(err, &setting), errors.As(err, &file), errors.As(err, &faults):
		return exitUsage
	case errors.As(err, &refusal), errors.As(err, &failed):
		return exitRefused
	case errors.As(err, &away), errors.Is(err, store.ErrUnavailable):
		return exitAway
	default:
		return exitFailed
	}
}
