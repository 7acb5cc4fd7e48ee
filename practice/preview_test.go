package practice_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
	"kapflow/practice"
)

// TestNoRenderedTextSaysTooMuch checks every rendered message, whatever the names of practice and client: it has no
// banned word, fits, names the practice and its number, and says how to opt out. Otherwise rendering fails.
func TestNoRenderedTextSaysTooMuch(t *testing.T) {
	t.Parallel()
	texts := sample(t).Texts
	words := []string{"Cedar", "Office", "Ketamine", "Infusion", "Center", "IV", "Therapy", "of", "Élan", "Łódź", "Valley", "Dr. Sample", "psych", "Lab-Works", "Ana", "$5", "-"}
	anyWords := rapid.Map(rapid.SliceOfN(rapid.SampledFrom(words), 1, 4), func(w []string) string { return strings.Join(w, " ") })
	sent, refused := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		v := practice.SampleVars(sample(t).Policy)
		v.Practice, v.Place, v.Name = anyWords.Draw(r, "practice"), anyWords.Draw(r, "place"), anyWords.Draw(r, "name")
		v.Link = "https://c.example/" + rapid.StringMatching(`[0-9A-Za-z]{43}`).Draw(r, "token")
		template := rapid.SampledFrom([]message.Template{message.TemplateBooked, message.TemplateMoved, message.TemplateCancelled, message.TemplateMissed, message.TemplateReminder,
			message.TemplateInstructions, message.TemplateAftercare, message.TemplateCheckIn, message.TemplateCheckInChase, message.TemplateFees, message.TemplateAnswerLink}).Draw(r, "template")
		channel := rapid.SampledFrom([]person.Channel{person.SMS, person.Email}).Draw(r, "channel")
		detail := rapid.SampledFrom([]string{message.DetailMinimal, message.DetailTime}).Draw(r, "detail")
		subject, text, err := texts.Render(template, channel, detail, v)
		if err != nil {
			refused++
			return
		}
		sent++
		said := strings.ReplaceAll(text, v.Link, "")
		if word := wording.BannedWord(subject + " " + said); word != "" {
			r.Fatalf("%s by %s says %q: %s", template, channel, word, text)
		}
		if !strings.Contains(text, v.Practice) || !strings.Contains(text, v.Phone) || !strings.Contains(text, v.Link) {
			r.Fatalf("%s by %s lacks practice, number or link: %s", template, channel, text)
		}
		if channel == person.SMS && (len([]rune(text)) > 160 || !strings.HasSuffix(text, "Reply STOP to opt out")) {
			r.Fatalf("%s is %d long: %s", template, len(text), text)
		}
		if detail == message.DetailMinimal && strings.Contains(text, v.When) {
			r.Fatalf("%s by %s says the time at the minimum", template, channel)
		}
	})
	if sent == 0 || refused == 0 {
		t.Errorf("%d came out and %d were refused: that shows nothing", sent, refused)
	}
}

// TestPreviewsShowEveryText checks that the previews have every text of the practice, as it would be sent.
func TestPreviewsShowEveryText(t *testing.T) {
	t.Parallel()
	p := sample(t)
	for name, vars := range map[string]practice.Vars{"sample": practice.SampleVars(p.Policy), "longest": practice.LongestVars(p.Policy)} {
		all, err := p.Texts.Previews(vars)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !slices.ContainsFunc(all, func(x practice.Preview) bool {
			return x.Template == string(message.TemplateReminder) && x.Channel == person.SMS && x.Detail == message.DetailTime && strings.Contains(x.Text, vars.When)
		}) {
			t.Errorf("%s: no reminder with a time among %d", name, len(all))
		}
		for _, x := range all {
			room := 160
			if message.Template(x.Template).Long() {
				room = 459
			}
			if x.Channel == person.SMS && (x.Septets == 0 || x.Septets > room) {
				t.Errorf("%s: %s takes %d", name, x.Template, x.Septets)
			}
		}
	}
}
