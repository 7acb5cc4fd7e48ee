package desk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/desk"
)

// inbox keeps events of a number that no client has.
type inbox struct {
	desk.Store
	left *message.WorklistItem
}

func (*inbox) TakeEvent(context.Context, message.ProviderEvent) (bool, error) { return true, nil }
func (*inbox) ClientsByPhone(context.Context, string) ([]string, error)       { return nil, nil }
func (i *inbox) EventRelayed(_ context.Context, _ message.ProviderEvent, _ time.Time, left *message.WorklistItem) error {
	i.left = left
	return nil
}

// A text from a number that no client has is on the worklist unless the register of numbers did all that it asks. Words of
// danger are on it in any case, as what staff are alerted of.
func TestTextFromNobodyWeKnowIsReadToo(t *testing.T) {
	t.Parallel()
	for text, kind := range map[string]message.WorklistKind{
		"STOP": "", "start": "", "Hello?": message.WorklistReply, "wrong number": message.WorklistReply, "yes": message.WorklistReply, "HELP": message.WorklistReply,
		"Stop. I want to die": message.WorklistDanger, "START kill": message.WorklistDanger, "I want to die": message.WorklistDanger,
	} {
		box := &inbox{}
		d := desk.Desk{Store: box, Now: time.Now}
		if err := d.Receive(t.Context(), message.ProviderEvent{Provider: "twilio", ID: "SM1", Kind: message.EventReply, From: "+13035550199", Text: text}); err != nil {
			t.Fatal(err)
		}
		switch {
		case kind == "" && box.left != nil, kind != "" && (box.left == nil || box.left.Kind != kind || !strings.Contains(box.left.Words, text)):
			t.Errorf("%q leaves %+v, want %q", text, box.left, kind)
		}
	}
}
