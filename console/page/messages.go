package page

import (
	"context"
	"net/url"

	"kapflow/care"
	"kapflow/care/person"
)

// practiceWording names the words of templates/messages.html, so that the record says what exactly a client agreed to. Change it
// with them.
const practiceWording = "client page 1"

type messagesData struct{ Channels []channelData }

type channelData struct {
	Channel person.Channel
	Name    string
	Choice  string // off, minimal, appointment-time
	Stopped bool   // by their own STOP, which only START brings back
}

// messagesPage shows what a client agreed to be written to, and takes their word on it.
func messagesPage() Page {
	return Page{
		Show: func(_ context.Context, v *Visitor) (Content, error) {
			return Content{Title: "How we may write to you", Template: "messages", Data: showMessages(v.Chart)}, nil
		},
		Actions: map[string]Action{"messages": chooseMessages},
	}
}

func showMessages(c *care.Chart) (d messagesData) {
	for _, ch := range c.Channels {
		name, ok := map[person.Channel]string{person.SMS: "Text messages", person.Email: "E-mail"}[ch]
		if !ok {
			continue
		}
		consent, choice := c.Consent(ch), "off"
		if consent.Granted {
			choice = consent.Detail
		}
		d.Channels = append(d.Channels, channelData{Channel: ch, Name: name, Choice: choice, Stopped: consent.Stopped})
	}
	return d
}

// chooseMessages records each channel on which the client chose something else than what stands.
func chooseMessages(ctx context.Context, v *Visitor, form url.Values) (Outcome, error) {
	changed := false
	for _, now := range showMessages(v.Chart).Channels {
		choice := form.Get(string(now.Channel))
		if choice == "" || choice == now.Choice || now.Stopped {
			continue
		}
		with := map[string]any{"channel": now.Channel, "granted": choice != "off", "wording": practiceWording}
		if choice != "off" {
			with["detail"] = choice
		}
		if err := v.recordAs(ctx, string(now.Channel)+"-", "messaging-consent-recorded", with); err != nil {
			return Outcome{}, err
		}
		changed = true
	}
	if !changed {
		return Outcome{Title: "Nothing was changed", Words: "We go on writing to you as before."}, nil
	}
	return Outcome{Title: "Saved", Words: "We write to you as you chose, from now on. Links in messages of a kind that you turned off no longer open."}, nil
}
