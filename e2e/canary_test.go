package e2e_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"kapflow/practice/coursefile"
	"kapflow/workflows"
)

// What is put through a whole course and may be found nowhere: who the client is, how they are reached, what they said,
// and what they suffer from.
const (
	canaryName  = "Wilhelmina Canary"
	canaryPhone = "+13035550177"
	canaryEmail = "canary-bird@example.org"
	canaryWords = "a secret that only canaries know"
)

var canaries = []string{canaryName, "Wilhelmina", canaryPhone, "3035550177", canaryEmail, "canary-bird", canaryWords, "only canaries know", "substance-dependence", "substance"}

// What identifies a client, what they said and what they suffer from is nowhere in the clear: not in Temporal's
// database, ids, search attributes or memo, not in a worker's log, not in Postgres's files. The records can still read it.
func TestCanariesAreNowhereInTheClear(t *testing.T) {
	t.Parallel()
	tn := ownPostgres(t)
	h := tn.newHouse(t)
	worker := h.hire(t)
	h.play(t, canaryCourse(t, h), nil)
	must(t, worker.dismiss())
	rows, err := h.Store.Board(t.Context())
	must(t, err)
	id := rows[0].ClientID
	h.canariesAreReadable(t, id)
	places := h.places(t)
	listed, err := h.TemporalClient.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: "WorkflowId = '" + id + "'"})
	must(t, err)
	for _, e := range listed.GetExecutions() {
		places["visibility"] = append(places["visibility"], []byte(e.String())...)
	}
	for name, there := range map[string]string{"Temporal": id, "Postgres": id, "visibility": workflows.KapStage.GetName(), "logs": h.wires.Queue} {
		if !bytes.Contains(places[name], []byte(there)) {
			t.Errorf("%s does not even hold %q: the search looks in the wrong place", name, there)
		}
	}
	for name, body := range places {
		body = bytes.ToLower(body)
		for _, canary := range canaries {
			if at := bytes.Index(body, []byte(strings.ToLower(canary))); at >= 0 {
				t.Errorf("%q is in the clear in %s: %q", canary, name, body[max(0, at-100):min(len(body), at+100)])
			}
		}
	}
}

// The search for canaries finds one that is written in the clear, in either database.
func TestSearchForCanariesFindsOneInTheClear(t *testing.T) {
	t.Parallel()
	tn := ownPostgres(t)
	h := tn.newHouse(t)
	plain, err := client.DialContext(t.Context(), client.Options{HostPort: h.wires.Temporal})
	must(t, err)
	defer plain.Close()
	const canary = "a canary that sits in the clear"
	_, err = plain.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: h.wires.Queue, Memo: map[string]any{"a": canary}}, "Nothing", canary)
	must(t, err)
	h.query(t, `CREATE TABLE plain AS SELECT $1::text AS words`, canary)
	h.Log.Error(canary)
	for name, body := range h.places(t) {
		if !bytes.Contains(body, []byte(canary)) {
			t.Errorf("the search of %s misses a canary in the clear", name)
		}
	}
}

// canaryCourse is the standard course with canaries wherever a course can hold something about a client.
func canaryCourse(t *testing.T, h *house) *coursefile.Course {
	t.Helper()
	return readCourse(t, h, standard, func(b []byte) []byte {
		text := string(b)
		for old, canary := range map[string]string{
			`"+13035550142"`:           `"` + canaryPhone + `"`,
			"ana@example.org":          canaryEmail,
			"presenting: [depression]": "presenting: [substance-dependence]\n    preferred_name: " + canaryName,
			"to meet what I avoid":     canaryWords, "initial psychological evaluation": canaryWords, "what to take into the week": canaryWords,
			"both fee sets gone through by telephone": canaryWords, "as the plan says": canaryWords, "course of treatment complete; goals reviewed": canaryWords,
			"  # Acceptance, coverage": "  - {at: d1 09:01, by: physician, record: flag-decided, with: {flag: substance-dependence, decision: proceed, reason: " +
				canaryWords + "}}\n" + canaryAnswer + "  # Acceptance, coverage",
		} {
			if !strings.Contains(text, old) {
				t.Fatalf("the course has no %q for a canary", old)
			}
			text = strings.ReplaceAll(text, old, canary)
		}
		return []byte(text)
	})
}

// canaryAnswer is a reply and two answers of staff, in the message and behind the link.
const canaryAnswer = `  - {at: d1 09:02, by: provider, record: reply-received, with: {channel: sms, text_class: other, text: ` + canaryWords + `}}
  - {at: d1 09:03, by: coordinator, record: reply-answered, with: {reply: reply-5, answer: ` + canaryWords + `}}
  - {at: d1 09:03, by: provider, record: reply-received, with: {channel: sms, text_class: other, text: ` + canaryWords + `}}
  - {at: d1 09:04, by: coordinator, record: reply-answered, with: {reply: reply-7, answer: ` + canaryWords + `, behind_link: true}}
`

// canariesAreReadable makes sure that the canaries were written at all.
func (h *house) canariesAreReadable(t *testing.T, id string) {
	t.Helper()
	contact, err := h.Store.Contact(t.Context(), id)
	must(t, err)
	if contact.PreferredName != canaryName || contact.Phone != canaryPhone || contact.Email != canaryEmail {
		t.Errorf("the records hold the contact %+v", contact)
	}
	messages, err := h.Store.Messages(t.Context(), id)
	must(t, err)
	if len(messages) == 0 || messages[0].Text == "" {
		t.Error("no message can be read")
	}
	read := 0
	for _, ref := range h.query(t, `SELECT ref FROM private_text`) {
		if text, _, err := h.Store.Reveal(t.Context(), id, ref); err == nil && text == canaryWords {
			read++
		}
	}
	if read < 10 {
		t.Errorf("only %d private texts can be read", read)
	}
}

// places is all that a thief could carry away: the files of both databases and the logs.
func (h *house) places(t *testing.T) map[string][]byte {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), h.wires.Database)
	must(t, err)
	_, err = conn.Exec(t.Context(), "CHECKPOINT")
	must(t, err)
	must(t, conn.Close(t.Context()))
	temporal := filepath.Dir(shared.temporalFile)
	if dir := shared.Temporal.StoreDir(); dir != "" {
		temporal = dir
	}
	return map[string][]byte{
		"logs":     h.log.Bytes(),
		"Temporal": everything(t, temporal),
		"Postgres": everything(t, filepath.Dir(h.town.Postgres.DataDir)),
	}
}

// everything reads all files below a directory into one.
func everything(t *testing.T, root string) []byte {
	t.Helper()
	var all []byte
	must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // a file that went away meanwhile holds nothing
		}
		if body, err := os.ReadFile(path); err == nil {
			all = append(all, body...)
		}
		return nil
	}))
	return all
}
