// Package documents makes what a practice hands out: the good faith estimate, statement, receipt and superbill for
// clients, and the journal for the accountant.
//
// It reads no clock and no database. Callers pass all values in. A document is one value (Document) from which both the
// page and the PDF are made, so that the two never differ.
package documents
