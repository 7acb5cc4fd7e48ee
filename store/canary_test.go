package store_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/wording"
	"kapflow/e2e/database"
	"kapflow/output"
	"kapflow/store"
)

// canaries are words that occur nowhere else. Each goes through every write that could carry its kind.
var canaries = map[string]string{
	"birth_date": "1931-07-19", "pin": "94170386", "name": "Quetzalina", "pronouns": "xyr/xyrself-canary", "phone": "+17205550188", "email": "quetzalina@canary.example",
	"note": "zyzzyva-under-the-bridge", "reason": "hobbledehoy-reason", "reference": "checkbook-4711-canary", "detail": "sesquipedal-detail",
}

// diagnoses are words that any chart of a client brings along.
var diagnoses = []string{"depression", "anxiety", "substance-dependence"}

// writeWords goes through every write that could carry a word of some kind.
func (b *bundle) writeWords(words map[string]string) {
	b.t.Helper()
	ctx, t := b.t.Context(), b.t
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	hide := func(field, text string) string {
		ref, err := b.Hide(ctx, "client-canary", field, text)
		must(err)
		return ref
	}
	n := newClient(t, "client-canary")
	n.Identity = strings.Join([]string{"person", words["name"], words["phone"], words["email"]}, ":")
	n.Contact = person.Contact{PreferredName: words["name"], Pronouns: words["pronouns"], Phone: words["phone"], Email: words["email"], BirthDate: words["birth_date"], PIN: words["pin"]}
	chart := n.Save.Chart
	chart.Presenting = diagnoses
	chart.Flags = append(chart.Flags, care.Flag{Flag: words["note"]})
	_, _, err := b.NewClient(ctx, n)
	must(err)
	_, _, err = b.ProviderTurn(ctx, person.SMS, time.Second, time.Minute)
	must(err)

	with, err := json.Marshal(map[string]string{"preferred_name": hide("preferred_name", words["name"]), "phone": hide("phone", words["phone"]), "email": hide("email", words["email"])})
	must(err)
	step := record(t, chart, day, told{person.Coordinator, "contact-changed", "f-1", string(with)})
	// What a fact or a change might carry by mistake is sealed with the rest.
	step.Entry.With = json.RawMessage(`{"phone":"` + words["phone"] + `","preferred_name":"` + words["name"] + `","note":"depression"}`)
	step.Changes = append(step.Changes, care.Change{Seq: 99, At: day, Type: "gate", Reason: words["reason"] + " anxiety"})
	b.save(step)
	lost := chart.Clone() // of a workflow task that is lost
	b.save(record(t, lost, day, told{person.Psychotherapist, "goals-recorded", "f-lost", `{"intention":"` + hide("intention", words["note"]) + `"}`}))
	payment := record(t, chart, day.Add(time.Second), told{person.Coordinator, "payment-received", "f-2", `{"fee_set":"medical","amount":5000,"method":"check","key":"k-1","reference":"` + hide("reference", words["reference"]) + `"}`})
	b.save(payment)

	b.claim(message.Delivery{ClientID: "client-canary", Channel: person.SMS, Notification: message.Notification{Key: key("x")}, To: person.Client, Now: day}, letItGo)
	b.settle(message.DeliveryResult{Key: named("client-canary/x/sms"), State: message.StateSent, Why: "sent to " + words["phone"], Text: "Hello " + words["name"], ProviderID: "SM1", At: day})
	b.claim(message.Delivery{ClientID: "client-canary", Channel: person.SMS, Notification: message.Notification{Key: key("y")}, To: person.Client, Now: day},
		func(*care.Chart, message.Delivery, message.Known) message.Decision {
			return message.Decision{State: message.StateSuppressed, Why: words["reason"]}
		})
	b.writeAnswer(hide("answer", words["note"]), words["note"])
	must(b.KeepSendRecord(ctx, "client-canary", care.SendRecord{No: 1, At: day, Due: []message.DueNotification{{Notification: message.Notification{Key: key("x"), Words: words["note"]}}}}))
	b.exec(`INSERT INTO handled (client_id, duty, outcome) VALUES ('client-canary', 'x', 'sent')`)           // as earlier builds did
	b.exec(`INSERT INTO link_before VALUES (sha256('x'), 'client-canary', 'visit', 'infusion-1', 1, now())`) // as the migration does
	must(b.SeeWorker(ctx, "worker-1", "1.0.0"))
	must(b.ClaimBuild(ctx, "1.0.0", []byte("program")))
	must(b.PutMail(ctx, "client-canary/x/sms", "sms", words["phone"], "For "+words["name"], words["note"]))
	token, err := b.NewLink(ctx, message.LinkOf(message.Delivery{ClientID: "client-canary", Channel: person.SMS, Notification: message.Notification{Key: key("x")}, Now: day}))
	must(err)
	_, err = b.NewLinkCode(ctx, token, day)
	must(err)
	if pass, err := b.UnlockLink(ctx, token, message.SecondFactor{BirthDate: "1901-01-01"}, day); pass != "" || err != nil {
		b.t.Fatalf("the link opened: %v", err)
	}
	if pass, err := b.UnlockLink(ctx, token, message.SecondFactor{BirthDate: words["birth_date"]}, day); pass == "" || err != nil {
		t.Fatalf("the link did not open: %v", err)
	}
	name, address, member := words["name"]+" Sample", words["note"]+"\n1 Canary Street", words["reference"]
	must(b.ChangeBilling(ctx, "client-canary", care.BillingChange{LegalName: &name, Address: &address, MemberID: &member}))
	_, err = b.KeepIssuedDocument(ctx, store.IssuedDocument{ClientID: "client-canary", Kind: "receipt", Number: "M-1", HTML: []byte("<p>" + name), PDF: []byte("%PDF " + address), By: coordinator})
	must(err)
	_, err = b.KeepNumbered(ctx, store.NumberedDocument{ClientID: "client-canary", Kind: "receipt", By: coordinator, Content: []byte(name), Prefix: "R", Year: 2027,
		Render: func(string) ([]byte, []byte, error) { return []byte("<h1>" + name), []byte("%PDF " + address), nil }})
	must(err)
	_, _, err = b.CloseMonth(ctx, money.Medical, "2027-02", coordinator, func(money.Books) []byte { return nil })
	must(err)
	must(b.Audit(ctx, coordinator, "refused", "client-canary", json.RawMessage(`{"why":"`+words["detail"]+` depression"}`)))
	b.reserve(slot("client-canary", "evaluation-1", at(0, 0), at(1, 0), "psy-a"))
	must(b.NoteStaffNotified(ctx, day, "task/client-canary/"+words["note"]))
	_, err = b.NoteAbsence(ctx, care.Absence{ID: "report-1", Clinician: "psy-a", From: at(8, 0), To: at(9, 0)})
	must(err)
	b.writeReplies(words)
	must(b.writeSignIn(words))
	_, err = b.NewFeed(ctx, "dr-sample", day)
	must(err)
	b.worksOut()
}

// writeAnswer claims and settles the message with which staff answer: the claim gives the words behind the reference.
func (b *bundle) writeAnswer(ref, words string) {
	b.t.Helper()
	n := message.Notification{Key: key("answer/reply-9"), Template: message.TemplateAnswer, Text: ref}
	got := b.claim(message.Delivery{ClientID: "client-canary", Channel: person.SMS, Notification: n, To: person.Client, Now: day}, letItGo)
	if got.Answer != output.WithoutTokens(words) || got.Link != "" {
		b.t.Errorf("the answer is %q, with the link %q", got.Answer, got.Link)
	}
	b.settle(message.DeliveryResult{Key: named("client-canary/answer/reply-9/sms"), State: message.StateSent, Text: words, ProviderID: "SM9", At: day})
	n.Key, n.Template = key("answer/reply-10"), message.TemplateAnswerLink
	if got = b.claim(message.Delivery{ClientID: "client-canary", Channel: person.SMS, Notification: n, To: person.Client, Now: day}, letItGo); got.Answer != "" || got.Link == "" {
		b.t.Errorf("a message that leads to an answer holds %q and the link %q", got.Answer, got.Link)
	}
	n.Key, n.Template, n.Text = key("answer/reply-11"), message.TemplateAnswer, "ref:erased"
	if got = b.claim(message.Delivery{ClientID: "client-canary", Channel: person.SMS, Notification: n, To: person.Client, Now: day}, letItGo); got.Answer != "" {
		b.t.Errorf("words that are gone: %q", got.Answer)
	}
}

// writeReplies writes what came from a number that nobody has and from one that several have.
func (b *bundle) writeReplies(words map[string]string) {
	b.t.Helper()
	ctx := b.t.Context()
	must := func(err error) {
		b.t.Helper()
		if err != nil {
			b.t.Fatal(err)
		}
	}
	reply := message.ProviderEvent{Provider: "twilio", ID: "SM2", Kind: message.EventReply, At: day, From: words["phone"], Text: words["note"], Class: wording.ReplyStop}
	_, err := b.TakeEvent(ctx, reply)
	must(err)
	must(b.EventRelayed(ctx, reply, day, &message.WorklistItem{Kind: message.WorklistReply, About: "SM2", Since: day, Words: words["phone"] + " wrote " + words["note"]}))
	shared := message.ProviderEvent{Provider: "twilio", ID: "SM3", Kind: message.EventReply, At: day, From: words["phone"], Text: words["note"], Class: wording.ReplyOther}
	_, err = b.TakeEvent(ctx, shared)
	must(err)
	item := message.WorklistItem{Kind: message.WorklistShared, About: "twilio:SM3", Since: day, Clients: []string{"client-a", "client-canary"}, Words: words["phone"] + " wrote " + words["note"]}
	must(b.EventRelayed(ctx, shared, day, &item))
	_, _, err = b.AssignReply(ctx, message.Assignment{Item: item, Reason: words["note"], By: coordinator, At: day})
	must(err)
}

// secrets gives every canary in the forms in which Postgres could hold it.
func secrets() map[string][]byte {
	out := map[string][]byte{}
	words := append([]string{}, diagnoses...)
	for _, w := range canaries {
		words = append(words, w)
	}
	for _, w := range words {
		out[w] = []byte(w)
		out[w+", in hex"] = []byte(hex.EncodeToString([]byte(w)))
		out[w+", in base64"] = []byte(base64.RawStdEncoding.EncodeToString([]byte(w))[:len(w)])
	}
	out["phone's digits"] = []byte(canaries["phone"][1:])
	return out
}

func TestNothingAboutAPersonIsInTheFilesOfTheDatabase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.writeWords(canaries)
	const decoy = "decoy-left-in-the-clear"
	b.exec(`CREATE TABLE decoy AS SELECT '` + decoy + `' AS word`)
	b.exec(`CHECKPOINT`)

	wanted := secrets()
	wanted[decoy] = []byte(decoy)
	found, files := map[string]string{}, 0
	var own string
	if err := b.psql().QueryRow(t.Context(), `SELECT oid::text FROM pg_database WHERE datname = current_database()`).Scan(&own); err != nil {
		t.Fatal(err)
	}
	databases := filepath.Join(database.Server.DataDir, "base")
	err := filepath.WalkDir(filepath.Dir(database.Server.DataDir), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && filepath.Dir(path) == databases && d.Name() != own {
			return filepath.SkipDir // a database of another test
		}
		if err != nil || !d.Type().IsRegular() {
			return nil // other tests' files come and go
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		files++
		for name, word := range wanted {
			if bytes.Contains(content, word) {
				found[name] = path
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found[decoy] == "" || files < 100 {
		t.Fatalf("the search through %d files did not even find what is there", files)
	}
	delete(found, decoy)
	for name, path := range found {
		t.Errorf("%s is in the clear in %s", name, path)
	}
}

// Files hide what Postgres compressed, so every row is read too.
func TestNothingAboutAPersonIsInAnyRow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.writeWords(canaries)
	conn := b.psql()
	rows, err := conn.Query(t.Context(), `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		rows, err := conn.Query(t.Context(), `SELECT t::text FROM `+pgx.Identifier{table}.Sanitize()+` t`)
		if err != nil {
			t.Fatal(err)
		}
		texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if len(texts) == 0 {
			t.Errorf("nothing was written to %s", table)
		}
		for _, text := range texts {
			for name, word := range secrets() {
				if strings.Contains(text, string(word)) {
					t.Errorf("%s is in the clear in %s: %s", name, table, text)
				}
			}
		}
	}
	contact, err := b.Contact(t.Context(), "client-canary")
	if want := (person.Contact{PreferredName: canaries["name"], Pronouns: canaries["pronouns"], Phone: canaries["phone"], Email: canaries["email"], BirthDate: canaries["birth_date"], PIN: canaries["pin"]}); err != nil || contact != want {
		t.Errorf("with the key it reads %v, %v", contact, err)
	}
}
