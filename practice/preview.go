package practice

import (
	"strings"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/wording"
)

// Preview is one message or page text as clients or staff would get it.
type Preview struct {
	Template string         `json:"template"`
	Channel  person.Channel `json:"channel"`
	Detail   string         `json:"detail,omitempty"` // detail of the consent: minimal or appointment-time
	Staff    bool           `json:"staff"`            // true if it goes to staff
	Subject  string         `json:"subject,omitempty"`
	Text     string         `json:"text"`
	Septets  int            `json:"septets,omitempty"` // length of a text message, at most 160
}

// SampleVars gives ordinary values for the variables of messages.
func SampleVars(p policy.Policy) Vars {
	v := LongestVars(p)
	v.When, v.Name, v.Code, v.Ref = "Tue Dec 1, 2:00 PM MST", "Ana", "123456", "client-sample"
	v.Answer = "You can park behind the house."
	v.Link = strings.TrimRight(p.Messages.LinkBase, "/") + "/" + "k7Q2mX9dTzB4vN8cRw3LpYs6HjF1aGe5uKo0iMtDbVx"
	if len(p.Places) > 0 {
		v.Place = p.Places[0].Neutral
	}
	return v
}

// Previews renders every text on every channel and in every detail of consent with the given values.
func (t Texts) Previews(v Vars) (all []Preview, err error) {
	for _, template := range templates {
		for _, channel := range channelsOf(template) {
			for _, detail := range []string{message.DetailMinimal, message.DetailTime} {
				if t.byName[textKey(template, channel, detail)] == nil {
					continue // such clients get the minimal text
				}
				subject, text, err := t.Render(template, channel, detail, v)
				if err != nil {
					return nil, err
				}
				p := Preview{Template: string(template), Channel: channel, Detail: detail, Staff: staffOnly(template), Subject: subject, Text: text}
				if channel == person.SMS {
					p.Septets, _ = wording.Septets(text)
				}
				all = append(all, p)
			}
		}
	}
	onPages, err := t.pagePreviews(v)
	return append(all, onPages...), err
}
