// Package practice reads a practice's settings (practice.yaml) and the texts of its messages. It also holds the sample
// practice that ships with Kapflow, with its course files.
//
// A practice with a fault in its files is refused when it is loaded. All faults are reported at once, each with file,
// line and reason. Texts are checked at loading too, so that a text which would reveal a client's treatment is never
// sent.
package practice
