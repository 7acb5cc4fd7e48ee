package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/desk"
	"kapflow/output"
	"kapflow/practice/coursefile"
	"kapflow/recordexport"
	"kapflow/starter/rehearsal"
	"kapflow/worker/wiring"
)

// playedApp plays a course and returns the app it was played in, with the id of its one client.
func playedApp(t *testing.T, file string) (*wiring.App, string) {
	t.Helper()
	course, prac, err := readCourse(file, "")
	if err != nil {
		t.Fatal(err)
	}
	environment, err := servers.Open(t.Context(), rehearsal.EnvironmentOptions{Practice: prac, Providers: course.NeedsProviders()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(environment.Close)
	if err := environment.Play(t.Context(), course, coursefile.Silent{}); err != nil {
		t.Fatal(err)
	}
	board, err := environment.Store.Board(t.Context())
	if err != nil || len(board) != 1 {
		t.Fatalf("%d clients: %v", len(board), err)
	}
	return environment.App, board[0].ClientID
}

var (
	psychotherapist = person.Actor{ID: "psy-sample", Role: person.Psychotherapist}
	frontDesk       = person.Actor{ID: "coordinator", Role: person.Coordinator}
)

// TestRecordIsToldAndHandedOver plays one course on the real engine and database and looks at all that is made of it.
func TestRecordIsToldAndHandedOver(t *testing.T) {
	t.Parallel()
	app, client := playedApp(t, "testdata/record.yaml")
	t.Run("HistoryListsEveryMove", func(t *testing.T) { historyListsEveryMove(t, app, client) })
	t.Run("SheetShowsWhatTheClientSaidAhead", func(t *testing.T) { sheetShowsAhead(t, app, client) })
	t.Run("TextsAreOpenedForThoseWhoMayReadThem", func(t *testing.T) { textsAreOpened(t, app, client) })
	t.Run("MeasuresGoOverTime", func(t *testing.T) { measuresGoOverTime(t, app, client) })
	t.Run("ExportIsWholeAndClosedToOthers", func(t *testing.T) { exportIsWhole(t, app, client) })
	t.Run("ExportHoldsNoPrivateNoteForTheCoordinator", func(t *testing.T) { exportIsClosed(t, app, client) })
	t.Run("NamesArePrintedOrRefusedBeforePrinting", func(t *testing.T) { namesArePrinted(t, app, client) })
	t.Run("SameRecordGivesTheSameFiles", func(t *testing.T) { sameFiles(t, app, client) })
	t.Run("OutcomesNameNobody", func(t *testing.T) { outcomesNameNobody(t, app, client) })
	t.Run("EveryLookIsAudited", func(t *testing.T) { everyLookIsAudited(t, app, client) })
}

func historyOf(t *testing.T, app *wiring.App, client string, by person.Actor) (lines []record.HistoryLine) {
	t.Helper()
	var out bytes.Buffer
	if err := (historyCommand{Client: client, JSON: true}).on(terminal{ctx: t.Context(), out: &out}, app, as(app, by)); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &lines); err != nil {
		t.Fatal(err)
	}
	return lines
}

func historyListsEveryMove(t *testing.T, app *wiring.App, client string) {
	lines := historyOf(t, app, client, psychotherapist)
	find := func(what, about string) record.HistoryLine {
		t.Helper()
		i := slices.IndexFunc(lines, func(l record.HistoryLine) bool { return l.What == what && l.About == about })
		if i < 0 {
			t.Fatalf("no %s of %s", what, about)
		}
		return lines[i]
	}
	moved := find("appointment-moved", "preparation-3")
	if moved.By.Role != person.Coordinator || moved.Why != "the client travels" || !strings.Contains(moved.From, "10:00 AM") || moved.From == moved.To {
		t.Errorf("the move says who %v, from %q to %q, why %q", moved.By, moved.From, moved.To, moved.Why)
	}
	corrected := find("appointment-corrected", "preparation-2")
	if corrected.From != "noshow" || corrected.To != "fulfilled" || corrected.Mark != record.MarkCorrected || corrected.Why != "held by telephone" {
		t.Errorf("the correction says from %q to %q, %q, why %q", corrected.From, corrected.To, corrected.Mark, corrected.Why)
	}
	find("check-in-answered", "check-in-1-24h") // reported as the latest
	taken := slices.IndexFunc(lines, func(l record.HistoryLine) bool {
		return l.What == "check-in-answered" && l.Mark == record.MarkByTelephone
	})
	if taken < 0 || lines[taken].By.Role != person.Coordinator {
		t.Error("answers taken by telephone are not marked")
	}
	var stages []string
	for _, l := range lines {
		if l.Type == "stage" {
			stages = append(stages, l.To)
		}
	}
	if stages[0] != "enrolled" || stages[len(stages)-1] != "completed" {
		t.Errorf("stages %v", stages)
	}
	var text bytes.Buffer
	if err := (historyCommand{Client: client}).on(terminal{ctx: t.Context(), out: &text}, app, as(app, psychotherapist)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "held by telephone") || strings.Contains(text.String(), "ref:") {
		t.Errorf("the printed history:\n%s", text.String())
	}
}

func sheetShowsAhead(t *testing.T, app *wiring.App, client string) {
	var out bytes.Buffer
	nurse := person.Actor{ID: "nurse-sample", Role: person.Nurse}
	if err := (sheetCommand{Client: client, Appointment: "infusion-1"}).on(terminal{ctx: t.Context(), out: &out}, app, as(app, nurse)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ready, by the client's own answers", "Bo Sample", "identity", "not asked", "started", "discharged"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the sheet does not say %q:\n%s", want, out.String())
		}
	}
	var refused *care.Refusal
	if err := (sheetCommand{Client: client}).on(terminal{ctx: t.Context(), out: io.Discard}, app, as(app, nurse)); !errors.As(err, &refused) {
		t.Errorf("the sheet of no booked infusion: %v", err)
	}
}

func textsAreOpened(t *testing.T, app *wiring.App, client string) {
	for _, x := range []struct {
		by     person.Actor
		fact   string
		opened bool
	}{
		{psychotherapist, "session-completed", true}, {frontDesk, "session-completed", false}, {frontDesk, "appointment-moved", true},
		{frontDesk, "risk-assessed", false}, {person.Actor{ID: "nurse-sample", Role: person.Nurse}, "infusion-checked-in", true},
	} {
		whole, err := json.Marshal(slices.DeleteFunc(historyOf(t, app, client, x.by), func(l record.HistoryLine) bool { return l.What != x.fact }))
		if err != nil {
			t.Fatal(err)
		}
		if closed := strings.Contains(string(whole), "not open to you"); closed == x.opened {
			t.Errorf("%s of %s is open: %v, want %v", x.fact, x.by.Role, !closed, x.opened)
		}
	}
	var refused *care.Refusal
	if _, err := app.Desk.OpenRecord(t.Context(), as(app, person.Actor{ID: "x", Role: person.Client}), client); !errors.As(err, &refused) || refused.Code != care.CodeNotYourRole {
		t.Errorf("a client opened the staff's view: %v", err)
	}
	if _, err := app.Desk.Export(t.Context(), as(app, person.Actor{ID: "nurse-sample", Role: person.Nurse}), desk.ExportOrder{ClientID: client}); !errors.As(err, &refused) || refused.Code != care.CodeNotYourRole {
		t.Errorf("a nurse exported a record: %v", err)
	}
	if _, err := app.Desk.OpenRecord(t.Context(), as(app, psychotherapist), "client-nobody"); !errors.As(err, &refused) || refused.Code != care.CodeUnknownClient {
		t.Errorf("a client who is none: %v", err)
	}
}

func measuresGoOverTime(t *testing.T, app *wiring.App, client string) {
	var out bytes.Buffer
	drawing := filepath.Join(t.TempDir(), "measures.svg")
	if err := (measuresCommand{Client: client, JSON: true, SVG: drawing}).on(terminal{ctx: t.Context(), out: &out}, app, as(app, frontDesk)); err != nil {
		t.Fatal(err)
	}
	var trend record.Trend
	if err := json.Unmarshal(out.Bytes(), &trend); err != nil {
		t.Fatal(err)
	}
	if p := trend.PHQ9; p == nil || p.First != 11 || p.Last != 3 || p.Change != -8 {
		t.Errorf("PHQ-9 went %+v; the answers add up to 11 and 3", p)
	}
	if len(trend.Infusions) != 1 || len(trend.Readings) < 3 || !trend.Readings[0].Concern || trend.Readings[0].Infusion != "infusion-1" || !trend.Readings[1].ByTelephone {
		t.Errorf("readings %+v, infusions %v", trend.Readings, trend.Infusions)
	}
	svg, err := os.ReadFile(drawing)
	if err != nil || !bytes.Contains(svg, []byte("Inf. 1")) {
		t.Errorf("the drawing: %v, %d bytes", err, len(svg))
	}
}

func exportIsWhole(t *testing.T, app *wiring.App, client string) {
	dir := filepath.Join(t.TempDir(), "deep", "export")
	var out bytes.Buffer
	full := exportCommand{Client: client, Out: dir, To: "the next practice", Full: true}
	needsTheWord(t, app, full)
	if err := full.on(terminal{ctx: t.Context(), out: &out}, app, as(app, frontDesk)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "Robin") {
		t.Errorf("the command names the client:\n%s", out.String())
	}
	if mode := modeOf(t, dir); mode != 0o700 {
		t.Errorf("the directory is open to others: %o", mode)
	}
	body := func(name string) string {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var manifest recordexport.Manifest
	if err := json.Unmarshal([]byte(body(recordexport.ManifestName)), &manifest); err != nil {
		t.Fatal(err)
	}
	names := []string{recordexport.ManifestName}
	for _, f := range manifest.Files {
		sum := sha256.Sum256([]byte(body(f.Name)))
		if hex.EncodeToString(sum[:]) != f.SHA256 || f.What == "" {
			t.Errorf("%s is not as the manifest says", f.Name)
		}
		names = append(names, f.Name)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(names) {
		t.Errorf("%d files, the manifest knows %v (%v)", len(entries), names, err)
	}
	for _, name := range names {
		if mode := modeOf(t, filepath.Join(dir, name)); mode != 0o600 {
			t.Errorf("%s is open to others: %o", name, mode)
		}
	}
	for name, want := range map[string]string{"record.html": "spoke at length and agreed on a plan", "record.json": "initial psychological evaluation", "fhir.json": "44261-6",
		"vitals.csv": "131,84,74,98", "ledger.csv": "medical:", "check-ins.csv": "check-in-1-24h", "visits.csv": "preparation-2", "messages.csv": "reminder", "measures.csv": "a hard night", "history.csv": "corrected"} {
		text := body(name)
		if !strings.Contains(text, want) {
			t.Errorf("%s does not say %q", name, want)
		}
		for _, closed := range []string{`"ref:`, "not open to you"} {
			if _, after, found := strings.Cut(text, closed); found {
				t.Errorf("%s holds a text that was not opened: %s%.80s", name, closed, after)
			}
		}
	}
	if err := (exportCommand{Client: client, Out: dir}).on(terminal{ctx: t.Context(), out: io.Discard}, app, as(app, frontDesk)); !errors.Is(err, output.ErrNotEmpty) || exitCode(err) != exitUsage {
		t.Errorf("a second hand-over into the same directory: %v", err)
	}
}

// needsTheWord asks for a full export in every way that must be refused, and then has the psychotherapist allow it once.
func needsTheWord(t *testing.T, app *wiring.App, full exportCommand) {
	t.Helper()
	quiet := terminal{ctx: t.Context(), out: io.Discard}
	refuses := func(why string, c exportCommand, by person.Actor) {
		t.Helper()
		var refused *care.Refusal
		c.Out = filepath.Join(t.TempDir(), "refused")
		if c.Allow {
			c.Out = ""
		}
		if err := c.on(quiet, app, as(app, by)); !errors.As(err, &refused) {
			t.Errorf("%s: %v", why, err)
		}
	}
	allow := exportCommand{Client: full.Client, Allow: true, To: full.To}
	physician := person.Actor{ID: "dr-sample", Role: person.Physician}
	refuses("the coordinator exported everything without the psychotherapist's word", full, frontDesk)
	refuses("the physician exported everything without the psychotherapist's word", full, physician)
	refuses("the coordinator allowed a full export", allow, frontDesk)
	refuses("the physician allowed a full export", allow, physician)
	refuses("a full export was allowed for nobody", exportCommand{Client: full.Client, Allow: true}, psychotherapist)
	refuses("a full export of a client who is none was allowed", exportCommand{Client: "client-nobody", Allow: true, To: "x"}, psychotherapist)
	if err := allow.on(quiet, app, as(app, psychotherapist)); err != nil {
		t.Fatal(err)
	}
	refuses("the word for one recipient let another have everything", exportCommand{Client: full.Client, Full: true, To: "somebody else"}, frontDesk)
	used := full
	used.Out = filepath.Join(t.TempDir(), "used")
	if err := used.on(quiet, app, as(app, physician)); err != nil {
		t.Fatalf("with the psychotherapist's word: %v", err)
	}
	refuses("one word was good for two exports", full, frontDesk)
	if err := allow.on(quiet, app, as(app, psychotherapist)); err != nil {
		t.Fatal(err)
	}
}

// exportIsClosed looks at the export that the coordinator gets without asking anybody.
func exportIsClosed(t *testing.T, app *wiring.App, client string) {
	dir := filepath.Join(t.TempDir(), "export")
	var out bytes.Buffer
	token, err := app.Store.NewLink(t.Context(), message.LinkOf(message.Delivery{ClientID: client, Channel: person.SMS, Now: time.Now()}))
	if err != nil {
		t.Fatal(err)
	}
	if err := (exportCommand{Client: client, Out: dir, To: "the next practice"}).on(terminal{ctx: t.Context(), out: &out}, app, as(app, frontDesk)); err != nil {
		t.Fatal(err)
	}
	if link, err := app.Store.Link(t.Context(), token); err != nil || link.UsesLeft != 0 {
		t.Errorf("a link is open after the export: %+v, %v", link, err)
	}
	if !strings.Contains(out.String(), "private notes are left out") {
		t.Errorf("the command does not say that it left something out:\n%s", out.String())
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		body, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, note := range []string{"spoke at length and agreed on a plan", "initial psychological evaluation"} {
			if bytes.Contains(body, []byte(note)) {
				t.Errorf("%s of the coordinator's export holds %q", e.Name(), note)
			}
		}
	}
}

func modeOf(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func sameFiles(t *testing.T, app *wiring.App, client string) {
	var made [2][]output.File
	for i := range made {
		record, err := app.Desk.Export(t.Context(), as(app, psychotherapist), desk.ExportOrder{ClientID: client})
		if err != nil {
			t.Fatal(err)
		}
		if made[i], err = recordexport.Files(record); err != nil {
			t.Fatal(err)
		}
	}
	for i, f := range made[0] {
		if !bytes.Equal(f.Body, made[1][i].Body) {
			t.Errorf("%s differs from one time to the next", f.Name)
		}
	}
}

func outcomesNameNobody(t *testing.T, app *wiring.App, client string) {
	var out bytes.Buffer
	if err := (outcomesCommand{JSON: true}).on(terminal{ctx: t.Context(), out: &out}, app, as(app, frontDesk)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), client) {
		t.Error("the summary names a client")
	}
	var o record.Outcomes
	if err := json.Unmarshal(out.Bytes(), &o); err != nil {
		t.Fatal(err)
	}
	if !o.Clients.Suppressed || o.Clients.Count != nil {
		t.Errorf("one client is a number that is told: %+v", o.Clients)
	}
}

func everyLookIsAudited(t *testing.T, app *wiring.App, client string) {
	var out bytes.Buffer
	if err := (auditShowCommand{Client: client}).on(terminal{ctx: t.Context(), out: &out}, app, as(app, frontDesk)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"export", "the next practice", "nurse/nurse-sample", "export-refused", "appointment-moved", "read-audit", "Nothing in the audit log was changed"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the access log does not say %q:\n%s", want, out.String())
		}
	}
	var refused *care.Refusal
	if _, err := app.Desk.AccessLog(t.Context(), as(app, person.Actor{ID: "nurse-sample", Role: person.Nurse}), client); !errors.As(err, &refused) {
		t.Errorf("a nurse saw who looked: %v", err)
	}
	events, err := app.Store.AuditOf(context.WithoutCancel(t.Context()), client)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, e := range events {
		count[e.Action]++
		if e.Action == "export" && e.By.Role == person.Coordinator && !strings.Contains(string(e.Detail), "the next practice") {
			t.Errorf("the export does not say who got it: %s", e.Detail)
		}
	}
	if count["read-record"] < 5 || count["export"] < 3 || count["export-refused"] != 1 || count["read-record-refused"] != 1 {
		t.Errorf("audited: %v", count)
	}
}
