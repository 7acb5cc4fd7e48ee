// Package output is how anything leaves the program for a person's terminal or disk, and what no text may hold when it does.
// It imports nothing of ours.
package output
