package words

import (
	"path"
	"strings"
)

// place says who reads the sentences of the files whose path begins with a prefix.
type place struct {
	prefix  string
	reader  Reader // empty: nobody reads them
	heading string
	labels  bool // single words count too: they are labels and headings
}

// places is the table of all rooms. The first matching row counts. A room without a row fails the collection, so that no
// new room is left out.
var places = []place{
	{"console/page/", Client, "Pages", true},
	{"documents/pdf.go", Client, "Documents", false},
	{"documents/journal.go", Operator, "The accountant's journal", false},
	{"documents/", Client, "Documents", true},
	{"recordexport/chart.go", FrontDesk, "The printed record", false},
	{"recordexport/bundle", "", "for machines: FHIR", false},
	{"recordexport/", FrontDesk, "The printed record", true},
	{"eligibility/ask.go", Operator, "Asking an insurer", false},
	{"eligibility/", FrontDesk, "What an insurer answers", false},

	{"care/fact_vocabulary.go", FrontDesk, "Facts", false},
	{"care/form_labels.go", FrontDesk, "Forms: choices", true},
	{"care/form", FrontDesk, "Forms", true},
	{"care/fact_", FrontDesk, "Recording facts", false},
	{"care/gate_", FrontDesk, "Gates", false},
	{"care/task_", FrontDesk, "Tasks, alerts and issues", false},
	{"care/notify_", FrontDesk, "Messages: what happens to them", false},
	{"care/message/", FrontDesk, "Messages: what happens to them", false},
	{"care/visit", FrontDesk, "Visits", false},
	{"care/money", FrontDesk, "Money", false},
	{"care/record/", FrontDesk, "History, trend and outcomes", false},
	{"care/policy/", Operator, "Faults of the practice file", false},
	{"care/wording/", "", "words that are looked for", false},
	{"care/", FrontDesk, "Charts", false},

	{"access/operator.go", Operator, "Who may use the command line", false},
	{"access/", FrontDesk, "Who may do what", false},
	{"desk/", FrontDesk, "The desk", false},
	{"activities/", FrontDesk, "Mails and lists", false},
	{"workflows/", FrontDesk, "The Temporal UI", false},
	{"messaging/fake/", "", "for tests", false},
	{"messaging/lint.go", Operator, "Faults of message texts", false},
	{"messaging/", FrontDesk, "What providers answer", false},
	{"starter/rehearsal/", Operator, "Course files", false},
	{"starter/", FrontDesk, "Commands", false},

	{"console/signin/", FrontDesk, "Sign-in to the console", false},
	{"console/", Operator, "The console", false},
	{"practice/coursefile/", Operator, "Course files", false},
	{"practice/", Operator, "Faults of the practice's files", false},
	{"config/", Operator, "Settings", false},
	{"keyring/", Operator, "Settings", false},
	{"output/", Operator, "Files and terminals", false},
	{"engine/", Operator, "The connection to Temporal", false},
	{"store/", Operator, "Postgres", false},
	{"worker/", Operator, "The worker", false},
	{"devstack/", Operator, "Servers of the demo", false},
	{"bench/", "", "for developers", false},
	{"e2e/", "", "for developers", false},
}

// Places that follow from the function that a text is passed to.
var (
	errorsOfPages = place{reader: FrontDesk, heading: "Errors of pages and documents"}
	logLines      = place{reader: Operator, heading: "Log lines"}
)

// placeOf gives the row of a file. ok is false if the table has none.
func placeOf(file string) (place, bool) {
	for _, p := range places {
		if strings.HasPrefix(file, p.prefix) {
			return p, true
		}
	}
	return place{}, false
}

// skipped reports whether a directory holds no sentences of the product.
func skipped(dir string) bool {
	name := path.Base(dir)
	return name == "testdata" || name == "tools" || name == "docs" || name == "node_modules" || name == "vendor" || dir == "bin" || dir == "starter/words" ||
		strings.HasPrefix(name, ".") && dir != "."
}

// order is the place of a heading on the page.
func order(heading string) int {
	for i, p := range places {
		if p.heading == heading {
			return i
		}
	}
	return len(places)
}
