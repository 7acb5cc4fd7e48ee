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

// Metadata of an encrypted payload, in the clear. The Temporal server and its UI see only this.
const (
	encodingEncrypted = "binary/encrypted"
	encodingNull      = "binary/null"
	metadataKeyID     = "key"
	metadataScope     = "scope"
)

// aadDomain separates this use of a key from any other use.
const aadDomain = "kapflow/payload/1"

// Reasons for refusing a payload. None of them contains any part of the payload.
var (
	ErrNotEncrypted = errors.New("the payload is not encrypted with this practice's key and is refused")
	ErrUnknownKey   = errors.New("the payload's key is not among the payload keys of the program that reads it: give every program the same KAPFLOW_PAYLOAD_KEYS, with the old keys, and start it again")
	ErrWrongScope   = errors.New("the payload was encrypted for another workflow")
	ErrTampered     = errors.New("the payload cannot be decrypted: it was changed, or its key id belongs to another key")
)

// Codec compresses and encrypts every payload with AES-256-GCM and refuses payloads that are not encrypted.
//
// The refusal protects the desk: a program that can reach Temporal but has no key (a command line, the UI) can send an
// update, and it is rejected before a handler sees it. Empty payloads pass, because they contain nothing.
//
// Each ciphertext is bound to its key id and its scope, which is its workflow, so that one client's payload cannot be
// copied into another client's history. The scope is stored beside the ciphertext because the Temporal UI does not name
// the workflow when it asks for decoding. Where the SDK names the workflow, the two must agree.
type Codec struct {
	ring  keyring.Ring
	scope string
	bound bool
}

var (
	_ converter.PayloadCodec                         = (*Codec)(nil)
	_ converter.PayloadCodecWithSerializationContext = (*Codec)(nil)
)

// NewCodec makes a codec that encrypts with the ring's current key and decrypts with any of its keys.
func NewCodec(ring keyring.Ring) *Codec { return &Codec{ring: ring} }

// WithSerializationContext binds the codec to the workflow that the SDK serializes for. Activities, local activities,
// updates and queries all name their workflow, so a journey has one scope. Without a workflow (a standalone activity,
// Nexus) the codec stays unbound.
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

// Encode compresses and encrypts each whole payload with its metadata.
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
			return nil, fmt.Errorf("cannot serialize a payload before encrypting it: %w", err)
		}
		if plain, err = compress(plain); err != nil {
			return nil, err
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

// Decode decrypts all payloads, or returns an error and none.
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
	if plain, err = expand(plain); err != nil {
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

// isNull reports whether a payload is empty (Go's nil). Such payloads are not encrypted, which keeps histories small.
// They are accepted without a key, since they contain no fact.
func isNull(payload *commonpb.Payload) bool {
	return len(payload.GetData()) == 0 && string(payload.GetMetadata()[converter.MetadataEncoding]) == encodingNull
}

// associatedData is what a ciphertext is bound to. It includes the length of the key id, so that no two pairs of id and
// scope give the same bytes.
func associatedData(id, scope string) []byte {
	aad := make([]byte, 0, len(aadDomain)+binary.MaxVarintLen64+len(id)+len(scope))
	aad = append(aad, aadDomain...)
	aad = binary.AppendUvarint(aad, uint64(len(id)))
	aad = append(aad, id...)
	return append(aad, scope...)
}

// scheduledRun matches the time that a Temporal schedule adds to the workflow ID of each run.
var scheduledRun = regexp.MustCompile(`^(.+)-(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)$`)

// scopeOf is the scope that a workflow's payloads are bound to: its ID without the time that a schedule added. A
// schedule's arguments are encrypted once under the schedule's ID and read by every run. A run may also read the result
// of the run before. So all runs of one schedule share a scope.
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
