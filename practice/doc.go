// Package practice reads a practice: its settings (practice.yaml), the texts of its messages and, for the
// sample practice that ships with Kapflow, the courses that serve as examples.
//
// A practice with anything wrong in its files is refused when it is loaded, with every fault at once, each
// with file, line and reason: a text that would give a client's treatment away must never be found out by
// sending it.
package practice
