// Package eligibility asks a clearing house what an insurer says of a client's benefits, and makes a suggestion of it: the
// fields of a coverage draft. A person reviews and signs them (R28); nothing in the course waits for an answer. What the
// insurer does not say stays empty: unknown is never covered. See docs/adr/0025.
package eligibility
