package practice_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/practice"
)

var now = time.Date(2027, 1, 4, 16, 0, 0, 0, time.UTC)

func sampleText(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("practice.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func sample(t testing.TB) practice.Practice {
	t.Helper()
	p, err := practice.Sample(now)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSampleLoads(t *testing.T) {
	t.Parallel()
	p := sample(t)
	if p.Zone.Name != "America/Denver" || len(p.Zone.Spans) < 12 {
		t.Errorf("zone %s with %d spans", p.Zone.Name, len(p.Zone.Spans))
	}
	if got := p.Policy.Preparation.MinimumSessions; got != 4 {
		t.Errorf("minimum sessions %d", got)
	}
	if got := p.Policy.Messages.Reminders[2]; got.Name != "2h" || got.Hours != 2 || len(got.Channels) != 1 || got.Channels[0] != person.SMS {
		t.Errorf("third reminder %+v", got)
	}
	q, err := practice.Load("practice.yaml", now)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(q.Policy, q.Zone) != fmt.Sprint(p.Policy, p.Zone) {
		t.Error("the file and the embedded sample differ")
	}
}

// brokenFiles are edits of the sample practice file, with every fault that they cause.
var brokenFiles = []struct {
	name string
	old  string   // text in the sample
	new  string   // its replacement
	at   []string // for each fault: text in its line
	want []string // for each fault: path and reason
}{
	{"unknown key", "  outcome_due_hours: 20 ", "  outcome_due_hour: 20 ", []string{"outcome_due_hour:"},
		[]string{"visits.outcome_due_hour: is not a setting. Allowed here: session_minutes, late_cancel_hours, late_cancel_fee, no_show_fee, no_show_grace_minutes, outcome_due_hours, tentative_release_days, no_show_talk_after"}},
	{"wrong type", "session_minutes: 50 ", "session_minutes: fifty ", []string{"session_minutes:"},
		[]string{`visits.session_minutes: must be a whole number, not "fifty"`}},
	{"fraction", "session_minutes: 50 ", "session_minutes: 49.5 ", []string{"session_minutes:"},
		[]string{`visits.session_minutes: must be a whole number, not "49.5"`}},
	{"number for text", "version: sample-1", "version: 7", []string{"version: 7"},
		[]string{`version: must be text, in quotes, not "7"`}},
	{"yes for true", "require_check_in: true ", "require_check_in: yes ", []string{"require_check_in:"},
		[]string{`infusions.require_check_in: must be true or false, not "yes"`}},
	{"no value", "timezone: America/Denver", "timezone:", []string{"timezone:"},
		[]string{"practice.timezone: must be text, not nothing"}},
	{"group for number", "due_days: 5 ", "due_days: {days: 5} ", []string{"due_days:"},
		[]string{"tasks.due_days: must be a whole number, not a group"}},
	{"number for group", "labs:\n", "labs: 90\nlab_notes:\n", []string{"labs: 90", "lab_notes:"},
		[]string{`labs: must be a group of settings (panel, valid_days, pending_days, review_due_hours), not "90"`,
			"lab_notes: is not a setting. Allowed here: version, practice, clinicians, staff, places, preparation, visits, labs, infusions, check_ins, measures, money, messages, tasks, alerts, morning_list, documents, confirmed"}},
	{"text for list", "after_hours: [24, 72, 168]", "after_hours: 24", []string{"after_hours: 24"},
		[]string{`check_ins.after_hours: must be a list, not "24"`}},
	{"given twice", "  no_show_fee: 0 ", "  late_cancel_fee: 10\n  no_show_fee: 0 ", []string{"late_cancel_fee: 10"},
		[]string{"visits.late_cancel_fee: is given twice. The first is on line 64"}},
	{"alias", "window: {open: 9, close: 20}", "window: &w {open: 9, close: 20}", []string{"window: &w"},
		[]string{"messages.window: anchors and aliases (& and *) are not allowed. Write out the value"}},
	{"second document", "tasks:\n", "---\ntasks:\n", []string{"---"},
		[]string{"a second document begins here. A practice file may hold only one"}},
	{"fewer preparations", "minimum_sessions: 4 ", "minimum_sessions: 3 ", []string{"minimum_sessions:"},
		[]string{"preparation.minimum_sessions: is 3; at least four completed sessions come before the first infusion; a practice may raise this, never lower it"}},
	{"zone", "America/Denver", "America/Dever", []string{"America/Dever"},
		[]string{`practice.timezone: "America/Dever" is not a time zone. Use an IANA name such as America/Denver`}},
	{"zone of the machine", "America/Denver", "Local", []string{"timezone: Local"},
		[]string{`practice.timezone: "Local" is not a time zone of a place; write one such as America/Denver`}},
	{"reminder without channels", "{name: 1d, days: 1, channels: [sms, email]}", "{name: 1d, days: 1}", []string{"{name: 1d"},
		[]string{"messages.reminders[1].channels: is empty; name sms, email or both"}},
	{"caps that cannot be", "texts_per_week: 3 ", "texts_per_week: -1 ", []string{"texts_per_week: -1"},
		[]string{"messages.texts_per_week: is -1; it must be between 0 and 50"}},
	{"week's cap below the day's", "texts_per_day: 1 ", "texts_per_day: 5 ", []string{"texts_per_week: 3"},
		[]string{"messages.texts_per_week: is less than texts_per_day, which then is never reached"}},
	{"reminder by post", "{name: 2h, hours: 2, channels: [sms]}", "{name: 2h, hours: 2, channels: [sms, post]}", []string{"{name: 2h"},
		[]string{"messages.reminders[2].channels[1]: must be sms or email"}},
	{"missing words for a crisis", "  crisis_text: >-\n    If you are in danger or might hurt yourself, call 911 now, or call or text 988 at any hour.\n    Our office does not monitor messages for emergencies.\n", "",
		[]string{"practice:"}, []string{"practice.crisis_text: is missing"}},
	{"misspelt id", "  - {id: nurse-sample", "  - {idd: nurse-sample", []string{"idd: nurse-sample", "idd: nurse-sample"},
		[]string{"clinicians[4].idd: is not a setting. Allowed here: id, role, name, email, title, license, npi", "clinicians[4].id: is missing"}},
	{"staff with a role of nobody", "name: Sample Owner, email: owner@practice.example, roles: [owner]", "name: Sample Owner, email: owner@practice.example, roles: [owners, client, owner, owner]",
		[]string{"owner-sample", "owner-sample", "owner-sample"},
		[]string{`staff[3].roles[0]: "owners" is not a role of the staff; did you mean owner?; the roles are coordinator, psychotherapist, physician, nurse, accountant or owner`,
			`staff[3].roles[1]: "client" is not a role of the staff; the roles are coordinator, psychotherapist, physician, nurse, accountant or owner`,
			`staff[3].roles[3]: "owner" is named twice`}},
	{"staff without a role", "email: owner@practice.example, roles: [owner]", "email: owner@practice.example, roles: []", []string{"owner-sample"},
		[]string{"staff[3].roles: is missing; the roles are coordinator, psychotherapist, physician, nurse, accountant or owner"}},
	{"staff who treat and are no clinicians", "email: owner@practice.example, roles: [owner]", "email: owner@practice.example, roles: [nurse]", []string{"owner-sample"},
		[]string{"staff[3].roles[0]: a nurse treats clients; list this person in clinicians too, with that role"}},
	{"two of the staff, one id", "{id: owner-sample,", "{id: coordinator,", []string{"Sample Owner"},
		[]string{`staff[3].id: "coordinator" is used twice; every person is listed once here, with all their roles`}},
	{"staff with a clinician's id", "{id: owner-sample,", "{id: dr-sample,", []string{"Sample Owner", "Sample Owner"},
		[]string{`staff[3].name: "dr-sample" has another name in clinicians; two people never share an id`,
			`staff[3].email: "dr-sample" has another email address in clinicians; change it there`}},
	{"staff with a clinician's id in other letters", "{id: owner-sample,", "{id: DR-sample,", []string{"Sample Owner"},
		[]string{`staff[3].id: "DR-sample" differs from the clinician "dr-sample" in capital letters only; write it alike, or choose another id`}},
	{"staff called like a machine", "{id: owner-sample,", "{id: system,", []string{"Sample Owner"},
		[]string{`staff[3].id: "system" is what Kapflow calls a client, a message provider or itself; choose another id`}},
	{"staff whom nothing reaches", "email: owner@practice.example,", "email: owner, phone: 303-555-0100, texts: true,", []string{"Sample Owner", "Sample Owner"},
		[]string{"staff[3].email: is not an email address; write one such as sam@example.org", "staff[3].phone: write it with its country code and without an extension, such as +13035550142"}},
	{"staff with a number as people write it", "email: owner@practice.example,", `email: owner@practice.example, phone: "+1 303 555 0142",`, []string{"Sample Owner"},
		[]string{"staff[3].phone: is used as it is written; write +13035550142"}},
	{"staff who agreed to texts on no phone", "email: owner@practice.example,", "texts: true,", []string{"Sample Owner", "Sample Owner"},
		[]string{"staff[3].email: is missing; invitations and alerts are mailed there", "staff[3].texts: is true, but there is no phone; add one such as +13035550100"}},
	{"display name", "Cedar Office ", "Cedar Ketamine Clinic ", []string{"message_display_name:"},
		[]string{`practice.message_display_name: contains "ketamine", which gives the treatment away in every message; choose a neutral name`}},
	{"display name in parts", "Cedar Office ", "Cedar Pre-Infusion ", []string{"message_display_name:"},
		[]string{`practice.message_display_name: contains "infusion", which gives the treatment away in every message; choose a neutral name`}},
	{"display name in another alphabet", "Cedar Office ", "Cédar Łodź ", []string{"message_display_name:"},
		[]string{`practice.message_display_name: contains 'Ł', which a text message cannot carry`}},
	{"place name", "neutral_name: our office", "neutral_name: infusion suite", []string{"infusion suite"},
		[]string{`places[0].neutral_name: contains "infusion", which reveals the treatment in every message. Choose a neutral name`}},
	{"two places, one id", "- {id: telehealth,", "- {id: main,", []string{"Telehealth"},
		[]string{`places[1].id: "main" is used twice. Every place needs its own id`}},
	{"no outpatient place", "outpatient: true, telehealth: false", "telehealth: false", []string{"places:"},
		[]string{"places: none is outpatient; infusions happen in an outpatient place"}},
	{"link", "https://c.example ", "http://c.example ", []string{"link_base:"},
		[]string{"messages.link_base: must be an https address without ? and #, such as https://c.example"}},
	{"link shortener", "https://c.example ", "https://bit.ly ", []string{"link_base:"},
		[]string{"messages.link_base: is a public link shortener, and carriers block messages with such links. Use the practice's own domain"}},
	{"link that tells", "https://c.example ", "https://cedar-ketamine.example ", []string{"link_base:"},
		[]string{`messages.link_base: contains "ketamine", which reveals the treatment in every message. Choose a neutral address`}},
	{"confirmed by the coordinator", `  by: ""` + "\n" + `  on: ""`, "  by: psy-sample\n  on: 2027-13-01", []string{"by: psy-sample", "on: 2027-13-01"},
		[]string{`confirmed.by: "psy-sample" is not the id of a physician in clinicians. A physician must confirm the clinical settings`,
			`confirmed.on: "2027-13-01" is not a day. Write it as 2027-01-31`}},
	{"several at once", "weekdays: [monday, tuesday, wednesday, thursday, friday]", "weekdays: [monday, midweek]\n  hours: 7", []string{"weekdays:", "hours: 7"},
		[]string{`morning_list.weekdays[1]: "midweek" is not a weekday; write monday to sunday`,
			"morning_list.hours: is not a setting. Allowed here: hour, minute, weekdays"}},
	{"bad syntax", "  chase_after_hours: 4 ", "  chase_after_hours: [4 ", []string{"chase_after_hours: [4"}, nil},
	{"bad indent", "  phone: 555-010-0100 ", "   phone: 555-010-0100 ", []string{"   phone: 555-010-0100 "}, nil},
	{"tab", "  chase_after_hours: 4 ", "\tchase_after_hours: 4 ", []string{"\tchase_after_hours"}, nil},
}

// TestBrokenFiles expects every fault of an edited file with its exact line, path and reason.
func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	for _, tt := range brokenFiles {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := sampleText(t)
			if strings.Count(text, tt.old) != 1 {
				t.Fatalf("%q stands %d times in the sample", tt.old, strings.Count(text, tt.old))
			}
			text = strings.Replace(text, tt.old, tt.new, 1)
			_, _, faults := practice.ReadPolicy("practice.yaml", []byte(text), now)
			if len(faults) != len(tt.at) {
				t.Fatalf("%d faults:\n%v", len(faults), faults)
			}
			for i, f := range faults {
				where := fmt.Sprintf("practice.yaml:%d: ", lineOf(t, text, tt.at[i]))
				if tt.want == nil {
					if !strings.HasPrefix(f.Error(), where+"is not YAML: ") {
						t.Errorf("got  %v\nwant %sis not YAML: …", f, where)
					}
				} else if want := where + tt.want[i]; f.Error() != want {
					t.Errorf("got  %v\nwant %s", f, want)
				}
			}
		})
	}
}

// lineOf gives the last line with a text in it, ignoring comments.
func lineOf(t *testing.T, text, part string) int {
	t.Helper()
	found := 0
	for i, line := range strings.Split(text, "\n") {
		if code, _, _ := strings.Cut(line, " #"); strings.Contains(code, part) {
			found = i + 1
		}
	}
	if found == 0 {
		t.Fatalf("no line has %q", part)
	}
	return found
}

func TestEmptyFiles(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":              "p.yaml:1: the file is empty",
		"# nothing\n":   "p.yaml:1: the file is empty",
		"just words":    `p.yaml:1: must be a group of settings (version, practice, clinicians, staff, places, preparation, visits, labs, infusions, check_ins, measures, money, messages, tasks, alerts, morning_list, documents, confirmed), not "just words"`,
		"\x00":          "p.yaml:1: is not YAML: control characters are not allowed",
		"- a\n- b\n":    "p.yaml:1: must be a group of settings (version, practice, clinicians, staff, places, preparation, visits, labs, infusions, check_ins, measures, money, messages, tasks, alerts, morning_list, documents, confirmed), not a list",
		"version: *x\n": "p.yaml:1: is not YAML: unknown anchor 'x' referenced",
	} {
		_, _, faults := practice.ReadPolicy("p.yaml", []byte(text), now)
		if got := faults.Error(); got != want {
			t.Errorf("%q\ngot  %s\nwant %s", text, got, want)
		}
	}
}

// TestLeftOut checks that a setting left out has the shipped value, except for those that identify the practice.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	_, _, faults := practice.ReadPolicy("p.yaml", []byte("version: v2\nvisits: {late_cancel_fee: 2500}\n"), now)
	var paths []string
	for _, f := range faults {
		if f.Line != 1 {
			t.Errorf("line %d: %v", f.Line, f)
		}
		paths = append(paths, f.Path)
	}
	want := "practice.name practice.message_display_name practice.phone practice.timezone practice.crisis_text clinicians clinicians places " +
		"money.evaluation_price money.session_price practice.coordinator_email messages.link_base"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	text := sampleText(t)
	from, to := strings.Index(text, "visits:\n"), strings.Index(text, "labs:\n")
	p, _, faults := practice.ReadPolicy("p.yaml", []byte(text[:from]+"visits: {late_cancel_fee: 2500}\n"+text[to:]), now)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if want := (policy.Visits{SessionMinutes: 50, LateCancelHours: 24, LateCancelFee: 2500, NoShowGrace: 15, OutcomeDueHours: 20, NoShowTalk: 3}); p.Visits != want {
		t.Errorf("got  %+v\nwant %+v", p.Visits, want)
	}
}

func TestLoadFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "practice.yaml")
	if _, err := practice.Load(file, now); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	var faults practice.Faults
	if _, err := practice.Load(dir, now); !errors.As(err, &faults) {
		t.Errorf("a directory: %v", err)
	}
	write(t, file, "\ufeff"+strings.ReplaceAll(sampleText(t), "\n", "\r\n"))
	p, err := practice.Load(file, now)
	if err != nil {
		t.Fatalf("a file from a Windows editor: %v", err)
	}
	if p.Policy.Practice.DisplayName != "Cedar Office" {
		t.Errorf("display name %q", p.Policy.Practice.DisplayName)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// FuzzReadPolicy checks that no text makes the reader panic, and that every accepted policy is valid.
func FuzzReadPolicy(f *testing.F) {
	text := sampleText(f)
	f.Add(text)
	for _, s := range []string{"", "a: &a [*a]", "<<: {version: x}", "? [a]\n: b", "places: [{id: {}}]", "version: !!binary aGk=", "version: 2027-01-01", "- - -\n", "practice: {timezone: ../x}", "# a\rversion: 1\r\n", "# a\u2028version: \u0085x"} {
		f.Add(s)
		f.Add(text + s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, _, faults := practice.ReadPolicy("p.yaml", []byte(text), now)
		if len(faults) == 0 && len(p.Validate()) > 0 {
			t.Errorf("took in %v", p.Validate())
		}
		lines := 1 - strings.Count(text, "\r\n")
		for _, end := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} { // YAML ends a line with any of them
			lines += strings.Count(text, end)
		}
		for _, x := range faults {
			if x.Line < 1 || x.Line > lines || x.Reason == "" {
				t.Errorf("fault %+v of %d lines", x, lines)
			}
		}
	})
}

// TestEverybodyWhoIsAlertedHasAnAddress: alerts go by email, so a clinician without an address is a fault of the practice file.
func TestEverybodyWhoIsAlertedHasAnAddress(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile("practice.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"physician@practice.example", "psychotherapist@practice.example", "nurse@practice.example"} {
		for _, instead := range []string{"", ", email: nobody", `, email: "a@b"`} {
			text := strings.Replace(string(sample), ", email: "+address, instead, 1)
			_, _, faults := practice.ReadPolicy("practice.yaml", []byte(text), time.Now())
			if len(faults) != 1 || !strings.HasPrefix(faults[0].Path, "clinicians[") || !strings.HasSuffix(faults[0].Path, ".email") || faults[0].Line == 0 {
				t.Errorf("%s, %q: %v", address, instead, faults)
			}
		}
	}
}

// TestPracticeThatCallsHomeOutpatientIsRefused: R11, with the line of each place.
func TestPracticeThatCallsHomeOutpatientIsRefused(t *testing.T) {
	t.Parallel()
	_, err := practice.Load("cases/practice-home.yaml", now)
	if err == nil || !strings.Contains(err.Error(), "where clients live") || !strings.Contains(err.Error(), "telehealth") {
		t.Errorf("it opens: %v", err)
	}
}

// TestNumbersOfAPracticeFileAreReadAsPeopleWriteThem goes through every number of the shipped file. It is written in plain digits; what
// YAML reads in another base, with signs in between or as text is refused, and so is what can only be a typing error.
func TestNumbersOfAPracticeFileAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("practice.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines, found := strings.Split(string(body), "\n"), 0
	number := regexp.MustCompile(`^(\s*[a-z_]+: )-?\d+(\s*(?:#.*)?)$`)
	for i, line := range lines {
		m := number.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		found++
		for _, bad := range []string{"-1", "1000000000", "0500", "0o500", "0x10", "0b11", "1_000", "+5", "5e2", "1.5", "\"5\"", "five", "true", "~", "[]", "{}"} {
			changed := slices.Clone(lines)
			changed[i] = m[1] + bad + m[2]
			_, _, faults := practice.ReadPolicy("practice.yaml", []byte(strings.Join(changed, "\n")), time.Now())
			if len(faults) == 0 || !strings.Contains(faults.Error(), fmt.Sprintf("practice.yaml:%d:", i+1)) {
				t.Errorf("line %d: %q with %s: %v", i+1, line, bad, faults)
			}
		}
	}
	if found < 40 {
		t.Errorf("only %d numbers were looked at", found)
	}
}
