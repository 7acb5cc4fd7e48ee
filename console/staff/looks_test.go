package staff_test

import (
	"strings"
	"testing"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/wording"
	"kapflow/console/staff"
)

// TestTheListOfLooksSpeaksToPeople: every action has words, and they say which form somebody recorded.
func TestTheListOfLooksSpeaksToPeople(t *testing.T) {
	t.Parallel()
	nurse := person.Actor{ID: "nurse-sample", Role: person.Nurse}
	for _, action := range append(access.Actions(), "page-read", "page-denied") {
		words, refused := staff.AccessWords(care.AuditEvent{Action: string(action) + "-refused", By: nurse})
		if !refused || words[1] == "" || words[1] == wording.Title(string(action)) || strings.Contains(words[1], "-") {
			t.Errorf("%s is said as %q, refused %v", action, words[1], refused)
		}
	}
	for _, x := range []struct {
		event care.AuditEvent
		want  [3]string
	}{
		{care.AuditEvent{Action: "record", By: nurse, Detail: []byte(`{"fact":"infusion-started","id":"fact-1","via":"session"}`)}, [3]string{"Nurse Sample", "Recorded “Start the infusion”", ""}},
		{care.AuditEvent{Action: "read-record", By: nurse, Detail: []byte(`{"via":"command line","emergency":"on call"}`)}, [3]string{"Nurse Sample", "Looked at the record", "emergency access: on call; command line"}},
		{care.AuditEvent{Action: "page-read", By: person.Actor{ID: "client-7", Role: person.Client}}, [3]string{"The client", "Opened a page of their own", ""}},
	} {
		if got, refused := staff.AccessWords(x.event); got != x.want || refused {
			t.Errorf("%s %s: %q, want %q", x.event.Action, x.event.Detail, got, x.want)
		}
	}
}
