// Package eligibility asks a clearing house about a client's insurance benefits. The result is a suggestion: the fields
// of a coverage draft, which a person reviews and signs (R28). Nothing in the course waits for it. What the insurer
// does not say stays empty, so unknown never counts as covered. See docs/adr/0025.
package eligibility
