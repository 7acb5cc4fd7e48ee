package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/care/person"
	"kapflow/desk/intake"
	"kapflow/practice"
	"kapflow/starter/rehearsal"
)

// TestFaultyRowIsNamedAndTheOthersAreRead holds the CSV reader to rows as people and Excel write them.
func TestFaultyRowIsNamedAndTheOthersAreRead(t *testing.T) {
	t.Parallel()
	const head = "preferred_name,phone,email,timezone,presenting\n"
	good := func(name string) string { return name + ",+13035550148,eve@example.org,America/Denver,depression\n" }
	for name, c := range map[string]struct {
		body   string
		names  []string
		faults map[int]string // line → part of the reason
	}{
		"StrayQuote":     {head + good("Eve") + good(`Robert "Bob" Ray`) + good("Gus"), []string{"Eve", "Gus"}, map[int]string{3: "a quote stands inside"}},
		"QuoteNotClosed": {head + `"Eve,+13035550148,,America/Denver,depression` + "\n" + good("Gus"), []string{"Gus"}, map[int]string{2: "quote"}},
		"LinesInQuotes":  {"preferred_name,address\nEve,\"1 Elm Street\nDenver\"\nGus,\n", []string{"Eve", "Gus"}, nil},
		"Windows1252":    {head + good("Zo\xeb") + good("Gus"), []string{"Gus"}, map[int]string{2: "UTF-8"}},
		"LostLetter":     {head + good("Zo\ufffd") + good("Gus"), []string{"Gus"}, map[int]string{2: "cannot be read"}},
		"BlankRows":      {head + ",,,,\n" + good("Eve") + "\n\n,,,,\n" + good("Gus"), []string{"Eve", "Gus"}, nil},
		"TooFewColumns":  {head + "Eve,+13035550148\n" + good("Gus"), []string{"Gus"}, map[int]string{2: "2 columns"}},
		"Macintosh":      {strings.ReplaceAll(head+good("Eve")+good("Gus"), "\n", "\r"), []string{"Eve", "Gus"}, nil},
		"CarriageReturn": {strings.ReplaceAll("\xef\xbb\xbf"+head+good("Eve"), "\n", "\r\n"), []string{"Eve"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := intake.ReadCSV([]byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			faults := 0
			for _, in := range rows {
				if in.Fault == nil {
					names = append(names, in.PreferredName)
					continue
				}
				faults++
				if want := c.faults[in.Line]; want == "" || !strings.Contains(in.Fault.Error(), want) {
					t.Errorf("line %d: %v", in.Line, in.Fault)
				}
			}
			if strings.Join(names, ",") != strings.Join(c.names, ",") || faults != len(c.faults) {
				t.Errorf("read %v with %d faults", names, faults)
			}
		})
	}
}

// TestHeadingThatCannotBeReadIsRefused names what is wrong with a heading line.
func TestHeadingThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                                    "heading line is missing",
		"preferred_name,phone\n":              "names no client",
		"preferred_name,phone\n,\n\n":         "names no client",
		"preferred_name,phone,Phone\n":        `"phone" stands twice`,
		"preferred_name;phone\nEve;1\n":       "not separated by commas",
		"name,phone\n":                        `unknown column "name"`,
		"preferred_\"name,phone\n":            "quote",
		"\xff\xfep\x00r\x00e\x00\n\x00":       "UTF-8",
		"preferred_name,phone\x00\nEve,123\n": "control character",
	} {
		if _, err := intake.ReadCSV([]byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// TestFilesOfClientsEnrollWhomTheyShould enrolls files that went wrong once: with a stray quote, in Windows-1252, exported a second
// time, and with names in other scripts.
func TestFilesOfClientsEnrollWhomTheyShould(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]string{
		"stray-quote.csv":             {"enrolled", "refused", "enrolled"},
		"windows-1252.csv":            {"refused"},
		"second-export.csv":           {"enrolled", "already-enrolled", "already-enrolled"},
		"second-export-undated.csv":   {"enrolled", "already-enrolled", "refused", "refused", "refused", "enrolled", "enrolled", "refused", "refused"},
		"names-in-other-scripts.json": {"enrolled", "enrolled"},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			prac, err := practice.Sample(time.Now())
			if err != nil {
				t.Fatal(err)
			}
			environment, err := servers.Open(t.Context(), rehearsal.EnvironmentOptions{Practice: prac})
			if err != nil {
				t.Fatal(err)
			}
			defer environment.Close()
			environment.Clock.Set(time.Now())
			if err := environment.Work(); err != nil {
				t.Fatal(err)
			}
			body, err := os.ReadFile(filepath.Join("testdata/cases", file))
			if err != nil {
				t.Fatal(err)
			}
			rows, err := intake.Read(file, body)
			if err != nil {
				t.Fatal(err)
			}
			results, _, err := intake.Enroll(t.Context(), environment.Desk, as(environment.App, person.Actor{ID: "coordinator", Role: person.Coordinator}), rows)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range results {
				got = append(got, r.State)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v, want %v: %+v", got, want, results)
			}
		})
	}
}

// FuzzReadCSV: whatever a file holds, every row is read or named once, and no line number leaves the file.
func FuzzReadCSV(f *testing.F) {
	for _, seed := range []string{"preferred_name,phone\nEve,+13035550148\n", "preferred_name\n\"a\nb\" c\nd\n", "preferred_name\n\"\n", "preferred_name,phone\n\xff,\r\n", "\xef\xbb\xbfphone\n\"\"\"\n", "\ufeffphone\r\t7e"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		rows, err := intake.ReadCSV(body)
		if err != nil {
			return
		}
		end := "\n"
		if !strings.Contains(string(body), end) {
			end = "\r" // as Excel for Macintosh once wrote
		}
		last := 0
		for _, in := range rows {
			if in.Line <= last || in.Line > strings.Count(string(body), end)+1 {
				t.Fatalf("line %d after line %d", in.Line, last)
			}
			last = in.Line
		}
	})
}

// FuzzReadJSON: whatever a file holds, it is read or refused.
func FuzzReadJSON(f *testing.F) {
	for _, seed := range []string{`{"reference":"1"}`, `[{"reference":"1","preferred_name":"Eve","phone":"+13035550148","consent":{"sms":"minimal"}},{"x":1}]`, `[]`, `[null]`, `{"phone":1e400}`, "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if rows, err := intake.ReadJSON(body); err != nil && rows != nil {
			t.Fatalf("%d rows with the error %v", len(rows), err)
		}
	})
}

// TestFileOfNobodyIsRefused: what is no client in a JSON file is refused, alone and in a list.
func TestFileOfNobodyIsRefused(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{"[]": "names no client", " [ ] ": "names no client", "null": "not a JSON object", "[null]": "not a JSON object", "5": "not a JSON object", "[[]]": "not a JSON object",
		`"Eve"`: "not a JSON object", "true": "not a JSON object", "": "not JSON", `{"preferred_name":"Eve"} {"preferred_name":"Gus"}`: "not JSON"} {
		rows, err := intake.ReadJSON([]byte(body))
		if err == nil && len(rows) == 1 {
			err = rows[0].Fault
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
}
