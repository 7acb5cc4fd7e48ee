// Package engine is the one connection to Temporal: dialling, payload encryption and its HTTP decoding, search
// attributes, worker versions, schedules, virtual time for rehearsals, and the logs and metrics the connection makes.
//
// It knows nothing of care, clients or facts. What it registers, schedules or encrypts is handed to it, so that the
// rules for talking to Temporal can be read, and changed, in one place.
package engine
