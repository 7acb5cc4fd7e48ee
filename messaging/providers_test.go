package messaging_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/care/wording"
	"kapflow/devstack/published"
	"kapflow/messaging"
	"kapflow/messaging/fake"
)

func TestEveryAnswerOfAProviderHasAMeaning(t *testing.T) {
	t.Parallel()
	schema, err := fake.OptionalSchema(published.Path(published.TwilioAPI))
	if err != nil {
		t.Fatal(err)
	}
	server, err := fake.StartTwilio(schema)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	twilio := twilioAt(t, server.URL())
	for _, c := range []struct {
		behave string
		state  message.State
		fault  message.Fault
		taken  int
	}{
		{"ok", message.StateSent, "", 1},
		{"lost-answer", message.StateUnknown, message.FaultAmbiguous, 1},
		{"error-sent", message.StateUnknown, message.FaultAmbiguous, 1},
		{"error-unsent", message.StateUnknown, message.FaultAmbiguous, 0},
		{"reject:21211", message.StateRejected, message.FaultAddress, 0},
		{"reject:21610", message.StateRejected, message.FaultOptedOut, 0},
		{"reject:29999", message.StateRejected, message.FaultUnrecognised, 0},
		{"reject:20003", "", message.FaultConfiguration, 0},
		{"throttle:7", "", message.FaultThrottle, 0},
		{"down", "", message.FaultNotSent, 0},
	} {
		b, err := fake.ParseBehaviour(c.behave)
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Behave(b); err != nil {
			t.Fatal(err)
		}
		before := len(server.Sent())
		out := twilio.Send(t.Context(), aText)
		if out.State != c.state || out.Fault != c.fault || len(server.Sent())-before != c.taken {
			t.Errorf("%s: %+v, %d taken", c.behave, out, len(server.Sent())-before)
		}
		if c.fault == message.FaultThrottle && out.RetryAfter != 7*time.Second {
			t.Errorf("asked to wait %s", out.RetryAfter)
		}
	}
	if faults := server.Faults(); len(faults) > 0 {
		t.Error(faults)
	}
}

// TestFiftyConcurrentMailsReachTheirOwnReceivers is field case 53: the library's own client mixes them up.
func TestFiftyConcurrentMailsReachTheirOwnReceivers(t *testing.T) {
	t.Parallel()
	server, err := fake.StartSendGrid()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	sender := sendGridAt(t, server.URL())
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			out := sender.Send(t.Context(), messaging.Outgoing{Ref: fmt.Sprint(i), To: fmt.Sprintf("c%d@example.org", i), Subject: "A message", Text: fmt.Sprintf("for %d", i)})
			if out.State != message.StateSent {
				t.Errorf("%d: %+v", i, out)
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for _, m := range server.Sent() {
		seen[m.To] = true
		if m.To != "c"+m.Ref+"@example.org" || m.Text != "for "+m.Ref {
			t.Errorf("%s got %q", m.To, m.Text)
		}
	}
	if len(seen) != 50 || len(server.Sent()) != 50 {
		t.Errorf("%d mails to %d receivers", len(server.Sent()), len(seen))
	}
}

func TestAWishToHearNoMoreIsUnderstood(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Stop. Thank you": wording.ReplyStop, " stop ": wording.ReplyStop, "STOP!": wording.ReplyStop, "Unsubscribe please": wording.ReplyStop, "please do not text me": wording.ReplyStop,
		"no más": wording.ReplyStop, "Can't stop by Tuesday": wording.ReplyOther, "START": wording.ReplyStart, "help": wording.ReplyHelp, "1": wording.ReplyConfirm, "I feel worse": wording.ReplyOther, "": wording.ReplyOther,
	} {
		if got := wording.ClassifyReply(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
