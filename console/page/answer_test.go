package page_test

import (
	"net/http"
	"testing"

	"kapflow/care/message"
	"kapflow/care/person"
)

// What staff wrote behind the link is shown after the second factor and not before, and only where they chose so.
func TestAnswerBehindTheLink(t *testing.T) {
	t.Parallel()
	o := open(t)
	answer := func(words string, link bool) string {
		o.record(person.Provider, "reply-received", map[string]any{"channel": "sms", "text_class": "other", "text": "ref:x"})
		issues := o.chart().Issues
		reply := issues[len(issues)-1].About
		o.record(person.Coordinator, "reply-answered", map[string]any{"reply": reply, "answer": words, "behind_link": link})
		token, err := o.NewLink(t.Context(), message.LinkOf(message.Delivery{ClientID: o.client, Channel: person.SMS, Now: o.now, Notification: message.Notification{Template: message.TemplateAnswerLink, About: reply}}))
		must(t, err)
		return token
	}
	token := answer("Take your medication as always.\nThe <b>physician</b> said so.", true)
	phone := o.phone()
	_, body := phone.get(token)
	lacks(t, body, "medication")
	_, body = phone.unlock(token)
	contains(t, body, "Our answer")
	contains(t, body, "Take your medication as always.<br>The &lt;b&gt;physician&lt;/b&gt; said so.")
	plain := answer("We open at nine.", false)
	if status, body := phone.unlock(plain); status == http.StatusOK {
		t.Errorf("an answer that went in the message has a page: %s", body)
	}
}
