package staff_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.temporal.io/sdk/client"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/workflows"
)

// journeys stands for Temporal: it records a report in the saved chart, as a journey does, and answers.
type journeys struct {
	client.Client
	h *house
}

func (j journeys) UpdateWorkflow(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	chart, err := j.h.store.Chart(ctx, o.WorkflowID)
	if err != nil {
		return nil, err
	}
	taken, err := chart.Record(o.UpdateName, o.Args[0].(care.Report), j.h.now)
	if err != nil {
		return nil, err
	}
	answer := workflows.Answer{Seq: taken.Seq, Repeated: taken.Repeated}
	if taken.Repeated {
		return updated{answer: answer}, nil
	}
	return updated{answer: answer}, j.h.store.SaveChart(ctx, care.Save{Chart: chart, Entry: &taken.Entry, Changes: chart.DiffAndPublish(j.h.now)})
}

type updated struct {
	client.WorkflowUpdateHandle
	answer workflows.Answer
}

func (u updated) Get(_ context.Context, value any) error {
	*value.(*workflows.Answer) = u.answer
	return nil
}

// The inbox's row of a reply leads to the form of an answer, which says what will go out. A word that no text may say is
// refused beside the field, and what was typed stays. Recording leads back to the inbox, and sending again changes nothing.
func TestAReplyIsAnsweredFromTheInbox(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.desk.TemporalClient = journeys{h: h}
	h.enroll("client-a", "Ana Sample")
	h.record("client-a", "contact-changed", coord, map[string]any{"phone": "+13035550142"}, "phone")
	h.record("client-a", "messaging-consent-recorded", coord, map[string]any{"channel": "sms", "granted": true, "detail": "minimal"})
	h.record("client-a", "reply-received", person.Provider, map[string]any{"channel": "sms", "text_class": "other", "text": "Where do I park?"}, "text")
	inbox := h.ask(h.of(coord), http.MethodGet, "/inbox", nil)
	const address = "/c/client-a/record/reply-answered"
	if !strings.Contains(inbox.body, `href="`+address+`?reply=reply-4&amp;_back=inbox"`) || !strings.Contains(inbox.body, "Where do I park?") {
		t.Fatalf("the inbox: %s", inbox.body)
	}
	empty := h.ask(h.of(coord), http.MethodGet, address+"?reply=reply-4&_back=inbox", nil)
	for _, part := range []string{`<a href="/inbox">`, `name="_back" value="inbox"`, "secure link", "What the client wrote"} {
		if !strings.Contains(empty.body, part) {
			t.Errorf("the form has no %q: %s", part, empty.body)
		}
	}
	form := url.Values{"reply": {"reply-4"}, "answer": {"Your infusion is at nine"}, "_back": {"inbox"}, "_once": {"answer-1"}, "_do": {"record"}}
	refused := h.ask(h.of(coord), http.MethodPost, address, form)
	if refused.status != http.StatusUnprocessableEntity || !strings.Contains(refused.body, "or put the answer behind the link") || !strings.Contains(refused.body, "Your infusion is at nine</textarea>") {
		t.Errorf("%d: %s", refused.status, refused.body)
	}
	form.Set("answer", "You can park behind the house.")
	form.Set("_do", "preview")
	preview := h.ask(h.of(coord), http.MethodPost, address, form)
	if preview.status != http.StatusOK || !strings.Contains(preview.body, "Answer to what the client wrote – to the client") {
		t.Errorf("%d: %s", preview.status, preview.body)
	}
	form.Set("_do", "record")
	for range 2 {
		if got := h.ask(h.of(coord), http.MethodPost, address, form); got.status != http.StatusSeeOther || !strings.HasPrefix(got.to, "/inbox?") {
			t.Errorf("%d, to %q: %s", got.status, got.to, got.body)
		}
	}
	after := h.ask(h.of(coord), http.MethodGet, "/inbox?recorded=5", nil)
	if strings.Contains(after.body, "Where do I park?") || !strings.Contains(after.body, "Recorded in the client") {
		t.Errorf("the inbox afterwards: %s", after.body)
	}
	chart, err := h.store.Chart(t.Context(), "client-a")
	must(t, err)
	if len(chart.StaffAnswers) != 1 || !strings.HasPrefix(chart.StaffAnswers[0].Text, "ref:") {
		t.Errorf("the chart has the answers %+v", chart.StaffAnswers)
	}
}
