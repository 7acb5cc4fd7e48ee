package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/desk/intake"
	"kapflow/practice"
	"kapflow/practice/coursefile"
	"kapflow/starter/rehearsal"
	"kapflow/store"
	"kapflow/worker/wiring"
)

func mustParse(t *testing.T, body string, prac practice.Practice) *coursefile.Course {
	t.Helper()
	course, err := rehearsal.Parse("course.yaml", []byte(body), prac.Zone, prac.Policy, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return course
}

func TestExitCodesOfTheCommandLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"Help":            {[]string{"--help"}, 0, "rehearse"},
		"Facts":           {[]string{"facts"}, 0, "appointment-booked"},
		"FactsAsJSON":     {[]string{"facts", "--json"}, 0, `"fact":"enrolled"`},
		"OneFact":         {[]string{"facts", "labs-reviewed"}, 0, "cleared: Cleared"},
		"FactMisspelled":  {[]string{"facts", "labs-reviwed"}, exitRefused, "did you mean labs-reviewed?"},
		"RoleMisspelled":  {[]string{"record", "client-x", "paused", "--by", "physican"}, exitUsage, "did you mean physician?"},
		"NoCommand":       {nil, exitUsage, "starter"},
		"UnknownCommand":  {[]string{"dance"}, exitUsage, "dance"},
		"NoCourseFile":    {[]string{"policy", "check", "nowhere.yaml"}, exitUsage, "nowhere.yaml"},
		"PolicyInOrder":   {[]string{"policy", "check", "../practice/practice.yaml"}, 0, "is in order"},
		"Preview":         {[]string{"messages", "preview"}, 0, "visit-reminder by text message (client, appointment-time, "},
		"PreviewLongest":  {[]string{"messages", "preview", "--longest", "--json"}, 0, `"detail":"appointment-time"`},
		"PreviewUnknown":  {[]string{"messages", "preview", "--template", "hello"}, exitUsage, `no message "hello"`},
		"WithIsNotJSON":   {[]string{"record", "client-x", "paused", "--with", "{"}, exitUsage, "--with is not JSON"},
		"RoleUnknown":     {[]string{"record", "client-x", "paused", "--by", "janitor"}, exitUsage, "not a role"},
		"EnrollNoSuch":    {[]string{"enroll", "nowhere.csv"}, exitUsage, "nowhere.csv"},
		"LinksOfAnAddres": {[]string{"links", "--ui", "http://127.0.0.1:8080"}, 0, "savedQuery=Blocked+by+labs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			if code := run(t.Context(), c.args, &out, &errs); code != c.code {
				t.Errorf("exit code %d, want %d\n%s%s", code, c.code, out.String(), errs.String())
			}
			if !strings.Contains(out.String()+errs.String(), c.says) {
				t.Errorf("does not say %q:\n%s%s", c.says, out.String(), errs.String())
			}
		})
	}
}

// TestNothingThatSomebodyWroteMovesTheTerminal gives every place of a command that is printed back a text which a terminal would
// obey, in all forms of it.
func TestNothingThatSomebodyWroteMovesTheTerminal(t *testing.T) {
	t.Parallel()
	for _, evil := range []string{"\x1b[2J", "\x1b]0;owned\x07", "\u009b2J", "\r", "\b", "\u202e", "\u2066", "\u200f", "\xff\x1b"} {
		for _, args := range [][]string{
			{evil}, {"record", "client-x", "paused", "--by", evil}, {"enroll", evil + ".csv"}, {"messages", "preview", "--template", evil},
			{"policy", "check", evil + ".yaml"}, {"links", "--ui", "http://127.0.0.1/" + evil}, {"ledger", "export", "--month", evil},
			{"facts", "--" + evil}, {"plans", evil},
		} {
			var out, errs bytes.Buffer
			run(t.Context(), args, &out, &errs)
			if printed := out.String() + errs.String(); strings.ContainsAny(printed, "\x1b\x07\u009b\r\b\u202e\u2066\u200f") || !utf8.ValidString(printed) {
				t.Errorf("%q prints %q", args, printed)
			}
		}
	}
}

// TestDocumentsOfTwoClientsHaveTwoFiles: numbers count within a client, so a number alone is no name.
func TestDocumentsOfTwoClientsHaveTwoFiles(t *testing.T) {
	t.Parallel()
	names := map[string]string{}
	for _, client := range []string{"client-a", "client-b"} {
		for _, kind := range []string{"estimate", "statement", "receipt", "superbill"} {
			for _, number := range []string{"1", "M-1", "../M-1"} {
				name := fileName(store.IssuedDocument{ClientID: client, Kind: kind, Number: number})
				if before := names[name]; before != "" || strings.ContainsAny(name, "/\\") {
					t.Errorf("%s of %s is called %s, as is that of %s", kind, client, name, before)
				}
				names[name] = client
			}
		}
	}
}

// TestExitCodeIsChosenByTheErrorsType: no code depends on an error's text.
func TestExitCodeIsChosenByTheErrorsType(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	for _, c := range []struct {
		err  error
		code int
	}{
		{cause, exitFailed},
		{usageError{cause}, exitUsage},
		{&wiring.SettingsError{Err: cause}, exitUsage},
		{&coursefile.FileError{}, exitUsage},
		{practice.Faults{}, exitUsage},
		{&care.Refusal{}, exitRefused},
		{&coursefile.Failed{}, exitRefused},
		{&wiring.AwayError{Err: cause}, exitAway},
		{store.ErrUnavailable, exitAway},
		{usageError{&wiring.AwayError{Err: cause}}, exitUsage}, // what the person can put right comes first
	} {
		if got := exitCode(fmt.Errorf("while doing something: %w", c.err)); got != c.code {
			t.Errorf("%T: %d, want %d", c.err, got, c.code)
		}
	}
}

func TestIntakeRowsNameTheirLineAndFault(t *testing.T) {
	t.Parallel()
	csv := "Reference, preferred_name,phone,email,presenting,consent_sms\n" +
		"a-1,Sample One,+13035550101,one@example.org,depression;anxiety,minimal\n" +
		"a-2,Sample Two,303 555 0102,,anxiety,\n" +
		"a-3,Sample Three\n" +
		"a-4,\"Sample\nFour\",+13035550104,not-an-address,anxiety,\n" +
		"a-5,Sample Five,+13035550105,,anxiety,everything\n"
	rows, err := intake.ReadCSV([]byte(csv))
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		line  int
		fault string
	}{{2, ""}, {3, "phone"}, {4, "columns"}, {5, "email"}, {7, "consent"}}
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(rows), len(want))
	}
	for i, w := range want {
		fault := ""
		if rows[i].Fault != nil {
			fault = rows[i].Fault.Error()
		}
		if rows[i].Line != w.line || !strings.Contains(fault, w.fault) || (w.fault == "") != (fault == "") {
			t.Errorf("row %d: line %d, fault %q; want line %d, %q", i, rows[i].Line, fault, w.line, w.fault)
		}
	}
	if got := rows[0].Presenting; len(got) != 2 || got[1] != "anxiety" || rows[0].Consent[person.SMS] != message.DetailMinimal {
		t.Errorf("first row read as %+v", rows[0].Enrollment)
	}
	if _, err := intake.ReadCSV([]byte("name,phone\n")); err == nil || !strings.Contains(err.Error(), `unknown column "name"`) {
		t.Errorf("an unknown column gives %v", err)
	}
}

func TestIntakeJSONOneOrMany(t *testing.T) {
	t.Parallel()
	many, err := intake.ReadJSON([]byte("[\n  {\"reference\": \"a\", \"presenting\": [\"anxiety\"]},\n  {\"reference\": \"b\", \"color\": 1}\n]"))
	if err != nil || len(many) != 2 || many[0].Fault != nil || many[1].Fault == nil || many[1].Line != 3 {
		t.Errorf("list: %+v, %v", many, err)
	}
	one, err := intake.ReadJSON([]byte(`{"reference": "a", "presenting": ["anxiety"]}`))
	if err != nil || len(one) != 1 || one[0].Fault != nil {
		t.Errorf("one: %+v, %v", one, err)
	}
	if _, err := intake.ReadJSON([]byte(`{`)); err == nil {
		t.Error("what is not JSON is taken")
	}
	for body, want := range map[string]string{
		`{"color": 1}`:                      `there is no field "color"; the fields are reference,`,
		`{"reference": 7}`:                  "reference cannot be a number",
		`"a"`:                               "this is not a JSON object",
		`{"phone": "303 555 0102"}`:         "phone: write it with its country code",
		`{"Reference": "a", "phone": null}`: "",
	} {
		rows, err := intake.ReadJSON([]byte(body))
		if err != nil || len(rows) != 1 || (rows[0].Fault == nil) != (want == "") || want != "" && !strings.Contains(rows[0].Fault.Error(), want) {
			t.Errorf("%s: %+v, %v", body, rows, err)
		}
	}
}

// TestSavedViewsAskForWhatExists: every attribute in a saved view is one that is registered.
func TestSavedViewsAskForWhatExists(t *testing.T) {
	t.Parallel()
	for _, v := range savedViews(time.Date(2027, 3, 3, 9, 0, 0, 0, time.UTC)) {
		if link := v.link("http://127.0.0.1:8080/"); !strings.HasPrefix(link, "http://127.0.0.1:8080/namespaces/default/workflows?query=") {
			t.Errorf("%s: %s", v.name, link)
		}
	}
}
