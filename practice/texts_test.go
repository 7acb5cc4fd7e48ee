package practice_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
	"kapflow/practice"
)

var vars = practice.Vars{Practice: "Cedar Office", Phone: "555-010-0100", When: "Tue Dec 1, 2:00 PM MST", Place: "our office",
	Link: "https://c.example/k7Q2", Name: "Ana", Code: "123456"}

func TestRender(t *testing.T) {
	t.Parallel()
	texts := sample(t).Texts
	tests := []struct {
		template      message.Template
		tier          string
		channel       person.Channel
		subject, want string
	}{
		{message.TemplateReminder, message.DetailTime, person.SMS, "",
			"Cedar Office: reminder: visit Tue Dec 1, 2:00 PM MST. https://c.example/k7Q2 or 555-010-0100. Reply STOP to opt out"},
		{message.TemplateReminder, message.DetailMinimal, person.SMS, "",
			"Cedar Office: reminder: you have a message. Read it: https://c.example/k7Q2 or call 555-010-0100. Reply STOP to opt out"},
		{message.TemplateAftercare, message.DetailTime, person.SMS, "",
			"Cedar Office: please read your instructions for today: https://c.example/k7Q2 or 555-010-0100. Reply STOP to opt out"},
		{message.TemplateBooked, "", person.Email, "A message from Cedar Office",
			"You have a new message from Cedar Office.\n\nRead it here: https://c.example/k7Q2\n\nQuestions or changes? Call 555-010-0100.\n\n" +
				"We don't monitor messages for emergencies. In an emergency, call 911.\n\nCedar Office"},
	}
	for _, tt := range tests {
		subject, text, err := texts.Render(tt.template, tt.channel, tt.tier, vars)
		if err != nil || subject != tt.subject || text != tt.want {
			t.Errorf("%s %s %s: %v\ngot  %q %q\nwant %q %q", tt.template, tt.channel, tt.tier, err, subject, text, tt.subject, tt.want)
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	texts := sample(t).Texts
	with := func(change func(*practice.Vars)) practice.Vars {
		v := vars
		change(&v)
		return v
	}
	tests := []struct {
		name     string
		template message.Template
		tier     string
		channel  person.Channel
		vars     practice.Vars
		want     string
	}{
		{"unknown text", "visit-recalled", "", person.SMS, vars, `there is no sms message "visit-recalled"`},
		{"unknown channel", message.TemplateBooked, "", person.Phone, vars, `there is no phone message "visit-booked"`},
		{"unknown tier", message.TemplateBooked, "everything", person.SMS, vars, `message visit-booked: there is no tier "everything"`},
		{"no time", message.TemplateBooked, message.DetailTime, person.SMS, with(func(v *practice.Vars) { v.When = "" }), "message visit-booked: When is empty"},
		{"blank phone", message.TemplateBooked, "", person.Email, with(func(v *practice.Vars) { v.Phone = " " }), "message visit-booked: Phone is empty"},
		{"no practice", message.TemplateBooked, "", person.Email, with(func(v *practice.Vars) { v.Practice = "" }), "message visit-booked: Practice is empty"},
		{"two lines", message.TemplateBooked, "", person.Email, with(func(v *practice.Vars) { v.Practice = "Cedar\nBcc: x" }), "message visit-booked: Practice must be one line"},
		{"banned word in a place", message.TemplateBooked, message.DetailTime, person.Email, with(func(v *practice.Vars) { v.Place = "infusion suite" }), `message visit-booked: contains "infusion", which no message may say`},
		{"other alphabet", message.TemplateBooked, message.DetailTime, person.SMS, with(func(v *practice.Vars) { v.When = "Łódź" }), `message visit-booked: contains 'Ł', which a text message cannot carry (it is not in GSM-7)`},
		{"too long", message.TemplateBooked, message.DetailTime, person.SMS, with(func(v *practice.Vars) { v.Link += strings.Repeat("x", 60) }),
			"message visit-booked: is too long: 176 characters of at most 160. Remove 16"},
	}
	for _, tt := range tests {
		subject, text, err := texts.Render(tt.template, tt.channel, tt.tier, tt.vars)
		if err == nil || err.Error() != tt.want || subject != "" || text != "" {
			t.Errorf("%s:\ngot  %v (%q, %q)\nwant %s", tt.name, err, subject, text, tt.want)
		}
	}
}

// TestLinkMaySpellAnything checks that a random token never prevents sending.
func TestLinkMaySpellAnything(t *testing.T) {
	t.Parallel()
	v := vars
	v.Link = "https://c.example/9-iv-7-lab8PTSD"
	if _, _, err := sample(t).Texts.Render(message.TemplateBooked, person.SMS, "", v); err != nil {
		t.Error(err)
	}
}

// TestShippedTexts checks every shipped text with the practice's longest values.
func TestShippedTexts(t *testing.T) {
	t.Parallel()
	p := sample(t)
	if wrong := p.Texts.Lint(p.Policy); len(wrong) > 0 {
		t.Error(errors.Join(wrong...))
	}
	longest := practice.LongestVars(p.Policy)
	for _, template := range []message.Template{message.TemplateBooked, message.TemplateMoved, message.TemplateCancelled, message.TemplateMissed, message.TemplateReminder,
		message.TemplateInstructions, message.TemplateAftercare, message.TemplateCheckIn, message.TemplateCheckInChase, message.TemplateFees, message.TemplateAnswerLink} {
		for _, ch := range []person.Channel{person.SMS, person.Email} {
			for _, tier := range []string{message.DetailMinimal, message.DetailTime} {
				subject, text, err := p.Texts.Render(template, ch, tier, longest)
				if err != nil {
					t.Errorf("%s %s %s: %v", template, ch, tier, err)
				}
				if tier == message.DetailMinimal && strings.Contains(text, longest.When) {
					t.Errorf("%s %s says the time at the minimum", template, ch)
				}
				if word := wording.BannedWord(subject); word != "" {
					t.Errorf("subject says %q", word)
				}
			}
		}
	}
}

// TestBadTexts puts one bad text beside a good practice file and expects its fault.
func TestBadTexts(t *testing.T) {
	t.Parallel()
	const good = "{{.Practice}}: you have a message: {{.Link}} or call {{.Phone}}. Reply STOP to opt out"
	tests := []struct{ name, file, text, want string }{
		{"banned word", "visit-booked.sms.txt", "{{.Practice}}: your infusion: {{.Link}} or {{.Phone}}. Reply STOP to opt out", `1: contains "infusion", which no message may say`},
		{"word in a comment", "visit-booked.sms.txt", "{{/* dose */}}" + good, `1: contains "dose", which no message may say`},
		{"word with a prefix", "visit-booked.email.txt", "{{.Practice}} {{.Link}} {{.Phone}}\n\nAfter the pre-therapy. Not monitored for emergencies.", `3: contains "therapy", which no message may say`},
		{"money", "visit-booked.sms.txt", "{{.Practice}}: bring $20. {{.Link}} or {{.Phone}}. Reply STOP to opt out", `1: contains "$", which no message may say`},
		{"two lines", "visit-booked.sms.txt", "{{.Practice}}: hello\n{{.Link}} or {{.Phone}}. Reply STOP to opt out", "1: must be one line"},
		{"asks for CANCEL", "visit-booked.sms.txt", "{{.Practice}}: reply CANCEL if you cannot come. {{.Link}} or {{.Phone}}. Reply STOP to opt out",
			`1: asks for a reply in a word that opts a client out or in ("reply CANCEL"). Use a digit or the link`},
		{"asks for yes by mail", "visit-booked.email.txt", "{{.Practice}} {{.Link}} {{.Phone}}\nPlease answer yes to confirm.\nNot monitored for emergencies.",
			`1: asks for a reply in a word that opts a client out or in ("answer yes"). Use a digit or the link`},
		{"no opt-out", "visit-booked.sms.txt", "{{.Practice}}: notice {{.Link}} or {{.Phone}}", `1: must end "Reply STOP to opt out"`},
		{"practice's name not first", "visit-booked.sms.txt", "Hello from {{.Practice}}: {{.Link}} or {{.Phone}}. Reply STOP to opt out", "1: must begin with {{.Practice}}"},
		{"no phone", "visit-booked.sms.txt", "{{.Practice}}: {{.Link}}. Reply STOP to opt out", "1: lacks {{.Phone}}"},
		{"curly quote", "visit-booked.sms.txt", "{{.Practice}}: we’ve news: {{.Link}} or {{.Phone}}. Reply STOP to opt out", "1: contains '’', which a text message cannot carry (it is not in GSM-7)"},
		{"too long", "visit-booked.sms.txt", "{{.Practice}}: " + strings.Repeat("x", 80) + " {{.Link}} or {{.Phone}}. Reply STOP to opt out", "1: is too long: 195 characters of at most 160. Remove 35"},
		{"time at the minimum", "visit-booked.email.txt", "{{.Practice}} {{.Link}} {{.Phone}} {{.When}}. Not monitored for emergencies.",
			"1: uses {{.When}}, which a minimal message may not. Move it to visit-booked.email.appointment-time.txt"},
		{"check-in without warning", "check-in.sms.txt", good, "1: must say that messages are not monitored for emergencies"},
		{"mail without warning", "aftercare.email.txt", "{{.Practice}} {{.Link}} {{.Phone}}", "1: must say that messages are not monitored for emergencies"},
		{"another address", "visit-booked.email.txt", "{{.Practice}} {{.Link}} {{.Phone}} https://bit.ly/x Not monitored for emergencies.", "1: contains a web address. The only link allowed is {{.Link}}"},
		{"empty", "visit-booked.sms.txt", "\n", "1: is empty"},
		{"unknown variable", "visit-booked.email.txt", "{{.Practice}} {{.Link}} {{.Phone}}\n{{.Diagnosis}}", "2: {{.Diagnosis}} is not a variable. Use one of {{.Practice}}, {{.Phone}}, {{.When}}, {{.Place}}, {{.Link}}, {{.Name}}, {{.Code}}, {{.Answer}}, {{.Crisis}}, {{.Ref}}"},
		{"condition", "visit-booked.email.txt", "{{.Practice}} {{.Link}} {{.Phone}}\n\n{{if .Name}}x{{end}}", "3: {{if .Name}}x{{end}} is more than a variable. A text may hold only words and variables such as {{.When}}"},
		{"function", "visit-booked.email.txt", `{{.Practice}} {{.Link}} {{.Phone}} {{printf "%d" 7}}`, `1: {{printf "%d" 7}} is more than a variable. A text may hold only words and variables such as {{.When}}`},
		{"no template", "visit-booked.email.txt", "{{.Practice}} {{.Link}}\n{{.Phone", "2: unclosed action"},
		{"second text", "visit-booked.sms.txt", good + `{{define "x"}}y{{end}}`, "1: defines another text. A text may hold only words and variables"},
		{"unknown name", "visit-reminders.sms.txt", good, ` is not the name of a message text. Use <template>.<sms or email>.txt or <template>.<sms or email>.appointment-time.txt, ` +
			`where <template> is one of visit-booked, visit-moved, visit-cancelled, visit-missed, visit-reminder, instructions, aftercare, check-in, check-in-chase, fees-ready, answer, answer-link, code, visit-held, visit-stands, crisis, alert, alert-climbed, task, matter. For a page, use prepare.page.txt or aftercare.page.txt`},
		{"page without its hours", "prepare.page.txt", "Before you come\n\n- No food in the last {{.Solids}} hours.", "1: lacks {{.Liquids}}"},
		{"page without whom to call", "aftercare.page.txt", "Tonight\n\nRest. Call {{.Phone}}.", `1: must say "911", the number to call in an emergency`},
		{"page that leads away", "aftercare.page.txt", "Tonight\n\nRead https://c.example/x. Call {{.Phone}}, or 911.", "1: contains a web address. A page may not link elsewhere"},
		{"page with a message's variable", "aftercare.page.txt", "Tonight\n\n{{.Name}}, call {{.Phone}}, or 911.", "3: {{.Name}} is not a variable. Use one of {{.Phone}}, {{.Solids}}, {{.Liquids}}"},
		{"page of a heading only", "aftercare.page.txt", "Tonight call {{.Phone}}, or 911.", "1: needs a heading in its first line and text below it"},
		{"page that is none", "goodbye.page.txt", "Goodbye", ""},
		{"unknown tier", "visit-reminder.sms.everything.txt", good, ""},
		{"unknown channel", "visit-reminder.phone.txt", good, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, filepath.Join(dir, "practice.yaml"), sampleText(t))
			write(t, filepath.Join(dir, "texts", tt.file), tt.text)
			_, err := practice.Load(filepath.Join(dir, "practice.yaml"), now)
			var faults practice.Faults
			if !errors.As(err, &faults) || len(faults) != 1 {
				t.Fatalf("got %v", err)
			}
			if want := filepath.Join(dir, "texts", tt.file) + ":" + tt.want; !strings.HasPrefix(err.Error(), want) || tt.want != "" && err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// TestOwnTexts checks that a practice's own text replaces the shipped one, and that the others stay.
func TestOwnTexts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "practice.yaml"), sampleText(t))
	write(t, filepath.Join(dir, "texts", "visit-booked.sms.txt"), "{{.Practice}}: news! {{.Link}} or {{.Phone}}. Reply STOP to opt out\r\n")
	write(t, filepath.Join(dir, "texts", "NOTES.md"), "not a text")
	p, err := practice.Load(filepath.Join(dir, "practice.yaml"), now)
	if err != nil {
		t.Fatal(err)
	}
	_, text, err := p.Texts.Render(message.TemplateBooked, person.SMS, "", vars)
	if want := "Cedar Office: news! https://c.example/k7Q2 or 555-010-0100. Reply STOP to opt out"; err != nil || text != want {
		t.Errorf("got %q, %v", text, err)
	}
	if _, _, err := p.Texts.Render(message.TemplateMoved, person.SMS, "", vars); err != nil {
		t.Error(err)
	}
}

// TestLongNames checks that names too long for the texts are found at loading.
func TestLongNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "practice.yaml")
	write(t, file, strings.Replace(sampleText(t), "Cedar Office ", "Cedar and Juniper Office of the Valley ", 1))
	_, err := practice.Load(file, now)
	if err == nil || !strings.Contains(err.Error(), "visit-booked.sms.appointment-time.txt:1: is too long: ") {
		t.Errorf("got %v", err)
	}
}

// TestNoTexts checks that all texts are reported as missing if none was read.
func TestNoTexts(t *testing.T) {
	t.Parallel()
	p := sample(t)
	if wrong := (practice.Texts{}).Lint(p.Policy); len(wrong) != 41 || wrong[0].Error() != "visit-booked.sms.txt: is missing. Every message needs a text on every channel" {
		t.Errorf("got %v", wrong)
	}
	if _, err := os.Stat("texts/visit-booked.sms.txt"); err != nil {
		t.Error(err)
	}
}

// TestOwnPages checks that clients read the practice's own pages, laid out, with the numbers of their course.
func TestOwnPages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "practice.yaml"), sampleText(t))
	write(t, filepath.Join(dir, "texts", "prepare.page.txt"), "Come hungry\n\nA word of\nours first.\n- Nothing to eat for {{.Solids}} hours,\n  nothing at all.\n- Nothing to drink for {{.Liquids}} hours.\n\nThe ketamine waits.\n")
	p, err := practice.Load(filepath.Join(dir, "practice.yaml"), now)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Texts.Page(wording.PagePrepare, map[string]string{"Phone": "555-010-0100", "Solids": "8", "Liquids": "3"})
	want := wording.PageText{Heading: "Come hungry", Parts: []wording.PagePart{{Words: "A word of ours first."},
		{List: []string{"Nothing to eat for 8 hours, nothing at all.", "Nothing to drink for 3 hours."}}, {Words: "The ketamine waits."}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := p.Texts.Page(wording.PagePrepare, map[string]string{"Phone": "555-010-0100", "Solids": "8"}); err == nil {
		t.Error("a page without a value was made")
	}
	previews, err := p.Texts.Previews(practice.SampleVars(p.Policy))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, v := range previews {
		if v.Channel == "page" {
			seen[v.Template] = v.Text
		}
	}
	if len(seen) != 2 || !strings.Contains(seen[wording.PagePrepare], "Nothing to eat for 6 hours") || !strings.Contains(seen[wording.PageAftercare], "555-010-0100") {
		t.Errorf("previewed: %v", seen)
	}
}
