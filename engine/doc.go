// Package engine holds everything about talking to Temporal: connecting, encrypting payloads and decoding them over
// HTTP, search attributes, worker versions, schedules, virtual time for rehearsals, and the SDK's logs and metrics.
//
// It knows nothing about care, clients or facts. Callers pass in what it registers, schedules or encrypts.
package engine
