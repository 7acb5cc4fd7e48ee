package practice

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/wording"
)

// LongestLinkToken is the length of the token at the end of a link: 43 letters and digits carry 256 random bits. Texts
// leave room for it.
const LongestLinkToken = 43

// optOut is how every text message ends.
const optOut = "Reply STOP to opt out"

// LongestVars gives the longest values that the variables of this practice's messages can have.
func LongestVars(p policy.Policy) Vars {
	v := Vars{Practice: p.Practice.DisplayName, Phone: p.Practice.Phone, When: "Dec 30 2026, 12:30 PM +0530",
		Link: strings.TrimRight(p.Messages.LinkBase, "/") + "/" + strings.Repeat("0", LongestLinkToken), Name: strings.Repeat("W", 20), Code: "000000", Answer: strings.Repeat("w", wording.AnswerRoom),
		Crisis: p.Practice.CrisisText, Ref: "client-" + strings.Repeat("w", 16),
		Solids: strconv.Itoa(p.Infusions.FastingSolidsHours), Liquids: strconv.Itoa(p.Infusions.FastingLiquidHours)}
	for _, pl := range p.Places {
		if long, _ := wording.Septets(pl.Neutral); v.Place == "" || long > len(v.Place) {
			v.Place = pl.Neutral
		}
	}
	return v
}

// Lint checks all texts against message rules M14 to M22: the source of each text, and the message that results with
// the practice's longest values. Each error is a Fault with the file's name.
func (t Texts) Lint(p policy.Policy) []error {
	var out []error
	longest := LongestVars(p)
	for _, name := range slices.Sorted(maps.Keys(t.byName)) {
		out = append(out, t.byName[name].lint(longest)...)
	}
	for _, template := range templates {
		for _, channel := range channelsOf(template) {
			if name := textKey(template, channel, message.DetailMinimal); t.byName[name] == nil {
				out = append(out, Fault{File: name + ".txt", Reason: "is missing. Every message needs a text on every channel"})
			}
		}
	}
	return append(out, t.lintPages()...)
}

func (t *messageText) lint(longest Vars) (out []error) {
	for _, f := range t.lintSource() {
		out = append(out, f)
	}
	if len(out) > 0 {
		return out
	}
	rendered, err := t.render(longest)
	if err != nil {
		return []error{Fault{File: t.file, Line: 1, Reason: err.Error()}}
	}
	for _, wrong := range t.lintRendered(rendered, longest) {
		out = append(out, Fault{File: t.file, Line: 1, Reason: wrong})
	}
	return out
}

// watched finds the sentence that messages are not monitored for emergencies.
var watched = regexp.MustCompile(`(?i)\b(?:not|don't|never)\s+(?:(?:watch|monitor|read|check)(?:ed)?\b[^.]*\bemergenc|for\s+emergenc)`)

func (t *messageText) lintSource() (wrong Faults) {
	line := 1
	add := func(format string, args ...any) {
		wrong = append(wrong, Fault{File: t.file, Line: line, Reason: fmt.Sprintf(format, args...)})
	}
	if t.source == "" {
		add("is empty")
		return wrong
	}
	for i, part := range strings.Split(t.source, "\n") {
		if word := wording.BannedWord(part); word != "" {
			line = i + 1
			add("contains %q, which no message may say", word)
		}
	}
	line = 1
	if t.channel == person.SMS && strings.Contains(t.source, "\n") {
		add("must be one line")
	}
	if m := wording.AskedBack.FindString(strings.TrimSuffix(t.source, optOut)); m != "" {
		add("asks for a reply in a word that opts a client out or in (%q). Use a digit or the link", m)
	}
	if wording.WebAddress.MatchString(t.source) {
		add("contains a web address. The only link allowed is {{.Link}}")
	}
	needed := minimalVarsOf(t.template)
	for _, name := range t.uses {
		if t.tier == message.DetailMinimal && !slices.Contains(needed, name) {
			add("uses {{.%s}}, which a minimal message may not. Move it to %s.txt", name, textKey(t.template, t.channel, message.DetailTime))
		}
	}
	for _, name := range needed {
		if !slices.Contains(t.uses, name) {
			add("lacks {{.%s}}", name)
		}
	}
	asks := slices.Contains([]message.Template{message.TemplateCheckIn, message.TemplateCheckInChase, message.TemplateCrisis}, t.template)
	if (asks || t.channel == person.Email && !staffOnly(t.template)) && !watched.MatchString(t.source) {
		add("must say that messages are not monitored for emergencies")
	}
	return wrong
}

// lintRendered checks a finished message.
func (t *messageText) lintRendered(text string, v Vars) (wrong []string) {
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	// The link's token is random and may spell anything. The address before it was checked with the practice file.
	said := text
	if link := strings.TrimSpace(v.Link); link != "" {
		said = strings.ReplaceAll(text, link, "")
	}
	if word := wording.BannedWord(said); word != "" {
		add("contains %q, which no message may say", word)
	}
	if t.channel != person.SMS {
		return wrong
	}
	if !strings.HasPrefix(text, strings.TrimSpace(v.Practice)) {
		add("must begin with {{.Practice}}")
	}
	room := wording.TextRoom
	if t.template.Long() {
		room = wording.LongRoom
	}
	// A crisis text asks for no reply.
	if t.template != message.TemplateCrisis && !strings.HasSuffix(text, optOut) {
		add("must end %q", optOut)
	}
	n, bad := wording.Septets(text)
	if bad != 0 {
		add("contains %q, which a text message cannot carry (it is not in GSM-7)", bad)
	}
	if n > room {
		add("is too long: %d characters of at most %d. Remove %d", n, room, n-room)
	}
	return wrong
}
