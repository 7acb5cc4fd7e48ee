package engine

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"kapflow/keyring"
)

// Every payload is read back as it was, and compressing makes none longer.
func TestPayloadsAreExpandedAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plain, err := proto.Marshal(&commonpb.Payload{
			Metadata: rapid.MapOf(rapid.String(), rapid.SliceOf(rapid.Byte())).Draw(t, "metadata"),
			Data:     rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
		})
		if err != nil {
			t.Fatal(err)
		}
		short, err := compress(plain)
		if err != nil || len(short) > len(plain) {
			t.Fatalf("%d bytes became %d, %v", len(plain), len(short), err)
		}
		if got, err := expand(short); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%x came back as %x, %v", plain, got, err)
		}
	})
}

// A report is less than half as long as it was, and what builds before the compression encrypted is read.
func TestPayloadsOfEarlierBuildsAreRead(t *testing.T) {
	t.Parallel()
	codec := inWorkflow(NewCodec(ringOf(t, keyring.NewEntry("k1"))), "client-a")
	payload := payloadOf(t, map[string]any{"id": "fact-1", "by": map[string]string{"id": "coordinator", "role": "coordinator"}, "with": map[string]string{"appointment": "infusion-1"}})
	plain, err := proto.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	aead := codec.ring.Key("k1")
	before := &commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encodingEncrypted), metadataKeyID: []byte("k1"), metadataScope: []byte(codec.scope)},
		Data:     aead.Seal(nil, nil, plain, associatedData("k1", codec.scope)),
	}
	now := seal(t, codec, payload)
	if len(now.GetData()) > len(before.GetData())*7/10 {
		t.Errorf("%d bytes are %d now", len(before.GetData()), len(now.GetData()))
	}
	for _, sealed := range []*commonpb.Payload{before, now} {
		got, err := codec.Decode([]*commonpb.Payload{sealed})
		if err != nil || !proto.Equal(got[0], payload) {
			t.Errorf("read %v, %v", got, err)
		}
	}
}

// A compressed payload that somebody with the key made wrong, or that would fill the memory, is refused.
func TestWrongCompressionIsRefused(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	bomb.WriteByte(compressedMark)
	w, err := flate.NewWriter(&bomb, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 * largestPlaintext >> 10 {
		if _, err := w.Write(make([]byte, 1<<10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	codec := NewCodec(ringOf(t, keyring.NewEntry("k1")))
	for name, plain := range map[string][]byte{"only the mark": {compressedMark}, "no flate": []byte("\x00hello"), "cut short": bomb.Bytes()[:100], "too large": bomb.Bytes()} {
		sealed := &commonpb.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encodingEncrypted), metadataKeyID: []byte("k1")},
			Data:     codec.ring.Key("k1").Seal(nil, nil, plain, associatedData("k1", "")),
		}
		if got, err := codec.Decode([]*commonpb.Payload{sealed}); !errors.Is(err, ErrTampered) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// The dictionary is part of what histories were compressed with. Another one needs a mark of its own, and this one stays.
func TestTheDictionaryStays(t *testing.T) {
	t.Parallel()
	const first = "b7d93630b62e996402646c1f435ce822bb9e5b0ab715502653ed91841ef4a4a4"
	sum := sha256.Sum256(dictionary)
	if got := hex.EncodeToString(sum[:]); got != first {
		t.Errorf("the dictionary is %s", got)
	}
}
