package messaging

import (
	"slices"
	"testing"
	"time"

	"kapflow/care/message"
)

// FuzzTwilioSigned: no request passes for Twilio's without its key.
func FuzzTwilioSigned(f *testing.F) {
	s := NewTwilioSignature("abcdabcdabcdabcdabcdabcdabcdabcd")
	f.Add("a=b", "MessageSid=SM1&From=%2B1", "AAAA")
	f.Add("bodySHA256=00&i=x", "{}", "x")
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, query, body, signature string) {
		if s.Valid("https://visit.example/hooks/twilio/status?"+query, []byte(body), signature) {
			t.Errorf("took %q %q %q", query, body, signature)
		}
	})
}

// FuzzSendGridSigned: no request passes for SendGrid's without its key, and no report of theirs is one that we cannot read.
func FuzzSendGridSigned(f *testing.F) {
	s, err := NewSendGridSignature("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==")
	if err != nil {
		f.Fatal(err)
	}
	now := time.Unix(1600112502, 0)
	f.Add([]byte("[]"), "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=", "1600112502")
	f.Add([]byte(`[{"event":"bounce"}]`), "", "")
	f.Fuzz(func(t *testing.T, body []byte, signature, timestamp string) {
		if s.Valid(body, signature, timestamp, now) {
			t.Errorf("took %q %q %q", body, signature, timestamp)
		}
		known := []message.State{"", message.StateSent, message.StateDelivered, message.StateRejected, message.StateUnknown}
		event, _ := SendGridEvent(signature, timestamp, string(body))
		if status := TwilioStatus(signature, len(body)); !slices.Contains(known, event.State) || !slices.Contains(known, status.State) {
			t.Errorf("%q %q %q is an event %q and a status %q", signature, timestamp, body, event.State, status.State)
		}
	})
}
