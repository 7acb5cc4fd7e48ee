package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"kapflow/keyring"
)

// What an encrypted payload says about itself in the clear. The Temporal server and its UI see these and nothing else.
const (
	encodingEncrypted = "binary/encrypted"
	encodingNull      = "binary/null"
	metadataKeyID     = "key"
	metadataScope     = "scope"
)

// aadDomain separates this use of a key from any other that might ever share it.
const aadDomain = "kapflow/payload/1"

// Why a payload was refused. None of them carries anything of the payload.
var (
	ErrNotEncrypted = errors.New("the payload is not encrypted by this practice's key, so it is refused")
	ErrUnknownKey   = errors.New("the payload's key is not in the key ring: keep old keys in the ring until their histories have passed retention")
	ErrWrongScope   = errors.New("the payload was encrypted for another workflow")
	ErrTampered     = errors.New("the payload does not decrypt: it was changed, or its key id names another key")
)

// Codec encrypts every payload with AES-256-GCM and refuses any that isn't encrypted.
//
// The refusal is what stops a fact being slipped in around the desk: whoever can reach Temporal but has no key (a
// command line, the UI) can send an update, and it is rejected before a handler sees it. Empty payloads pass, since
// they say nothing.
//
// Each ciphertext is bound to its key id and its scope, the workflow it belongs to, so that one client's payload cannot
// be pasted into another's history. The scope travels beside the ciphertext because the Temporal UI asks for decoding
// without saying which workflow it shows; wherever the SDK does say, the two must agree.
type Codec struct {
	ring  keyring.Ring
	scope string
	bound bool
}

var (
	_ converter.PayloadCodec                         = (*Codec)(nil)
	_ converter.PayloadCodecWithSerializationContext = (*Codec)(nil)
)

// NewCodec encrypts with the ring's current key and decrypts with any of its keys.
func NewCodec(ring keyring.Ring) *Codec { return &Codec{ring: ring} }

// WithSerializationContext binds the codec to the workflow the SDK is serialising for. Activities, local activities,
// updates and queries all name the workflow they belong to, so one scope serves a whole journey. Where there is no
// workflow (a standalone activity, Nexus) the codec stays unbound.
func (c *Codec) WithSerializationContext(sc converter.SerializationContext) converter.PayloadCodec {
	var workflowID string
	switch sc := sc.(type) {
	case converter.WorkflowSerializationContext:
		workflowID = sc.WorkflowID
	case converter.ActivitySerializationContext:
		workflowID = sc.WorkflowID
	}
	if workflowID == "" {
		return c
	}
	return &Codec{ring: c.ring, scope: scopeOf(workflowID), bound: true}
}

// Encode encrypts each payload whole, metadata included.
func (c *Codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	aead := c.ring.Key(c.ring.Current())
	if aead == nil {
		return nil, errors.New("the key ring is empty: no payload can be encrypted")
	}
	aad := associatedData(c.ring.Current(), c.scope)
	encoded := make([]*commonpb.Payload, len(payloads))
	for i, payload := range payloads {
		if isNull(payload) {
			encoded[i] = payload
			continue
		}
		plain, err := proto.Marshal(payload)
		if err != nil {
			return nil, fmt.Errorf("cannot serialise a payload before encrypting it: %w", err)
		}
		metadata := map[string][]byte{
			converter.MetadataEncoding: []byte(encodingEncrypted),
			metadataKeyID:              []byte(c.ring.Current()),
		}
		if c.scope != "" {
			metadata[metadataScope] = []byte(c.scope)
		}
		encoded[i] = &commonpb.Payload{Metadata: metadata, Data: aead.Seal(nil, nil, plain, aad)}
	}
	return encoded, nil
}

// Decode decrypts each payload, or refuses the lot: half a decoded request is worse than none.
func (c *Codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	decoded := make([]*commonpb.Payload, len(payloads))
	for i, payload := range payloads {
		plain, err := c.decode(payload)
		if err != nil {
			return nil, err
		}
		decoded[i] = plain
	}
	return decoded, nil
}

func (c *Codec) decode(payload *commonpb.Payload) (*commonpb.Payload, error) {
	if isNull(payload) {
		return payload, nil
	}
	if !isEncrypted(payload) {
		return nil, ErrNotEncrypted
	}
	id, scope := string(payload.GetMetadata()[metadataKeyID]), string(payload.GetMetadata()[metadataScope])
	aead := c.ring.Key(id)
	if aead == nil {
		return nil, ErrUnknownKey
	}
	if c.bound && scope != c.scope {
		return nil, ErrWrongScope
	}
	plain, err := aead.Open(nil, nil, payload.GetData(), associatedData(id, scope))
	if err != nil {
		return nil, ErrTampered
	}
	decoded := &commonpb.Payload{}
	if err := proto.Unmarshal(plain, decoded); err != nil {
		return nil, ErrTampered
	}
	return decoded, nil
}

func isEncrypted(payload *commonpb.Payload) bool {
	return string(payload.GetMetadata()[converter.MetadataEncoding]) == encodingEncrypted
}

// isNull tells a payload that carries nothing: Go's nil. It stays as it is, which keeps histories small, and it may
// come from anyone, since a handler that gets it gets no fact.
func isNull(payload *commonpb.Payload) bool {
	return len(payload.GetData()) == 0 && string(payload.GetMetadata()[converter.MetadataEncoding]) == encodingNull
}

// associatedData is what a ciphertext is bound to. The key id carries its length, so that no other pair of id and scope
// can spell the same bytes.
func associatedData(id, scope string) []byte {
	aad := make([]byte, 0, len(aadDomain)+binary.MaxVarintLen64+len(id)+len(scope))
	aad = append(aad, aadDomain...)
	aad = binary.AppendUvarint(aad, uint64(len(id)))
	aad = append(aad, id...)
	return append(aad, scope...)
}

// scheduledRun matches the time that a Temporal schedule puts behind the workflow ID of each run it starts.
var scheduledRun = regexp.MustCompile(`^(.+)-(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)$`)

// scopeOf is the scope that a workflow's payloads are bound to: its ID, less the time a schedule added. A schedule's
// arguments are encrypted once, under the ID given to the schedule, and read by every run under its own; a run may also
// read the result of the one before. So all runs of one schedule share a scope, and nothing else does.
func scopeOf(workflowID string) string {
	match := scheduledRun.FindStringSubmatch(workflowID)
	if match == nil {
		return workflowID
	}
	if _, err := time.Parse(time.RFC3339, match[2]); err != nil {
		return workflowID
	}
	return match[1]
}
