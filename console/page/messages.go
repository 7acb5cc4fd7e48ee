package page

import (
	"context"
	"net/url"

	"kapflow/care"
	"kapflow/care/person"
)

// practiceWording names the words of templates/messages.html, so that the record shows what a client agreed to. Change
// it whenever those words change.
const practiceWording = "client page 2"

type messagesData struct{ Channels []channelData }

type channelData struct {
	Channel person.Channel
	Name    string
	Choice  string // off, minimal, appointment-time
	Stopped bool   // by their own STOP; only START can undo it
}

// messagesPage shows which messages a client agreed to, and records changes.
func messagesPage() Page {
	return Page{
		Show: func(_ context.Context, v *Visitor) (Content, error) {
			return Content{Title: "Message preferences", Template: "messages", Data: showMessages(v.Chart)}, nil
		},
		Actions: map[string]Action{"messages": chooseMessages},
	}
}

func showMessages(c *care.Chart) (d messagesData) {
	for _, ch := range c.Channels {
		name, ok := map[person.Channel]string{person.SMS: "Text messages", person.Email: "Email"}[ch]
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

// chooseMessages records each channel for which the client chose something new.
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
		return Outcome{Title: "No changes", Words: "Your message preferences stay the same."}, nil
	}
	return Outcome{Title: "Saved", Words: "We will use your new preferences from now on. Links in messages that you turned off no longer open."}, nil
}
