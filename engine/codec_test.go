package engine

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"kapflow/keyring"
)

func ringOf(t *testing.T, entries ...string) keyring.Ring {
	t.Helper()
	ring, err := keyring.Parse(strings.Join(entries, ","))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func payloadOf(t *testing.T, value any) *commonpb.Payload {
	t.Helper()
	payload, err := converter.GetDefaultDataConverter().ToPayload(value)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

func inWorkflow(codec *Codec, id string) *Codec {
	return codec.WithSerializationContext(converter.WorkflowSerializationContext{WorkflowID: id}).(*Codec)
}

func seal(t *testing.T, codec *Codec, payload *commonpb.Payload) *commonpb.Payload {
	t.Helper()
	sealed, err := codec.Encode([]*commonpb.Payload{payload})
	if err != nil {
		t.Fatal(err)
	}
	return sealed[0]
}

func TestCodecRoundTrip(t *testing.T) {
	t.Parallel()
	entry := keyring.NewEntry("k1")
	codec := NewCodec(ringOf(t, entry))
	plain := payloadOf(t, canary)
	for name, pair := range map[string][2]*Codec{
		"without context":          {codec, codec},
		"same workflow":            {inWorkflow(codec, "client-a"), inWorkflow(codec, "client-a")},
		"context only to encode":   {inWorkflow(codec, "client-a"), codec},
		"a schedule and its run":   {inWorkflow(codec, "morning"), inWorkflow(codec, "morning-2026-11-24T14:30:00Z")},
		"one run and the next one": {inWorkflow(codec, "morning-2026-11-24T14:30:00Z"), inWorkflow(codec, "morning-2026-11-25T14:30:00Z")},
		"a workflow and its activity": {inWorkflow(codec, "client-a"), codec.WithSerializationContext(
			converter.ActivitySerializationContext{WorkflowID: "client-a", ActivityType: "say", IsLocal: true}).(*Codec)},
	} {
		first, second := seal(t, pair[0], plain), seal(t, pair[0], plain)
		if bytes.Equal(first.GetData(), second.GetData()) {
			t.Errorf("%s: one text gave one ciphertext twice", name)
		}
		if encoded, _ := proto.Marshal(first); bytes.Contains(encoded, []byte(canary)) {
			t.Errorf("%s: the canary shows", name)
		}
		decoded, err := pair[1].Decode([]*commonpb.Payload{first})
		if err != nil || !proto.Equal(decoded[0], plain) {
			t.Errorf("%s: got %v, %v", name, decoded, err)
		}
	}
}

func TestCodecRefuses(t *testing.T) {
	t.Parallel()
	codec := NewCodec(ringOf(t, keyring.NewEntry("k1"), keyring.NewEntry("k2")))
	genuine := seal(t, inWorkflow(codec, "client-a"), payloadOf(t, canary))
	altered := func(change func(*commonpb.Payload)) *commonpb.Payload {
		clone := proto.CloneOf(genuine)
		change(clone)
		return clone
	}
	for name, refused := range map[string]struct {
		codec   *Codec
		payload *commonpb.Payload
		want    error
	}{
		"plain JSON":             {codec, payloadOf(t, canary), ErrNotEncrypted},
		"plain bytes":            {codec, payloadOf(t, []byte(canary)), ErrNotEncrypted},
		"nothing at all":         {codec, &commonpb.Payload{}, ErrNotEncrypted},
		"a null with data":       {codec, &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("binary/null")}, Data: []byte("x")}, ErrNotEncrypted},
		"another workflow":       {inWorkflow(codec, "client-b"), genuine, ErrWrongScope},
		"no scope in a workflow": {inWorkflow(codec, "client-a"), seal(t, codec, payloadOf(t, canary)), ErrWrongScope},
		"a changed scope":        {inWorkflow(codec, "client-b"), altered(func(p *commonpb.Payload) { p.Metadata["scope"] = []byte("client-b") }), ErrTampered},
		"another key's name":     {codec, altered(func(p *commonpb.Payload) { p.Metadata["key"] = []byte("k2") }), ErrTampered},
		"an unknown key":         {codec, altered(func(p *commonpb.Payload) { p.Metadata["key"] = []byte("k9") }), ErrUnknownKey},
		"a changed byte":         {codec, altered(func(p *commonpb.Payload) { p.Data[len(p.Data)-1] ^= 1 }), ErrTampered},
		"a cut ciphertext":       {codec, altered(func(p *commonpb.Payload) { p.Data = p.Data[:5] }), ErrTampered},
		"an empty ring":          {&Codec{}, genuine, ErrUnknownKey},
	} {
		if _, err := refused.codec.Decode([]*commonpb.Payload{refused.payload}); !errors.Is(err, refused.want) {
			t.Errorf("%s: got %v, want %v", name, err, refused.want)
		}
	}
	if _, err := (&Codec{}).Encode([]*commonpb.Payload{payloadOf(t, canary)}); err == nil {
		t.Error("an empty ring encrypted something")
	}
}

func TestNullPassesBothWays(t *testing.T) {
	t.Parallel()
	codec, null := NewCodec(ringOf(t, keyring.NewEntry("k1"))), payloadOf(t, nil)
	sealed := seal(t, codec, null)
	if decoded, err := codec.Decode([]*commonpb.Payload{sealed}); err != nil || !proto.Equal(decoded[0], null) || !proto.Equal(sealed, null) {
		t.Errorf("null became %v, then %v, %v", sealed, decoded, err)
	}
}

func TestOldKeysDecodeWhileTheyAreInTheRing(t *testing.T) {
	t.Parallel()
	old, fresh := keyring.NewEntry("2025"), keyring.NewEntry("2026")
	sealed := seal(t, NewCodec(ringOf(t, old)), payloadOf(t, canary))
	rotated := NewCodec(ringOf(t, fresh, old))
	if _, err := rotated.Decode([]*commonpb.Payload{sealed}); err != nil {
		t.Errorf("after rotation: %v", err)
	}
	if id := string(seal(t, rotated, payloadOf(t, canary)).GetMetadata()["key"]); id != "2026" {
		t.Errorf("encrypted with %q", id)
	}
	if _, err := NewCodec(ringOf(t, fresh)).Decode([]*commonpb.Payload{sealed}); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("without the old key: %v", err)
	}
}

func FuzzDecodeRefusesWhatItDidNotEncode(f *testing.F) {
	codec := NewCodec(keyring.New())
	f.Add([]byte("demo"), []byte("client-a"), []byte("binary/encrypted"), []byte("x"))
	f.Add([]byte("demo"), []byte(""), []byte("json/plain"), []byte(`"x"`))
	f.Fuzz(func(t *testing.T, key, scope, encoding, data []byte) {
		forged := &commonpb.Payload{Metadata: map[string][]byte{"encoding": encoding, "key": key, "scope": scope}, Data: data}
		if _, err := codec.Decode([]*commonpb.Payload{forged}); err == nil && !isNull(forged) {
			t.Errorf("decoded %v", forged)
		}
	})
}

func BenchmarkCodec(b *testing.B) {
	codec := NewCodec(keyring.New())
	for _, size := range []int{250, 8 << 10} {
		plain := []*commonpb.Payload{{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: bytes.Repeat([]byte("x"), size)}}
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bound := codec.WithSerializationContext(converter.WorkflowSerializationContext{WorkflowID: "client-7f3a9c2e51d04b8a"})
				sealed, err := bound.Encode(plain)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := bound.Decode(sealed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
