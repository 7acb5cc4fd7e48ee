// Package documents makes what leaves the practice on paper or as a file: the good faith estimate, statement, receipt
// and superbill that a client is handed, and the journal that the accountant is.
//
// Everything here is made from values that were read elsewhere: no clock, no database. A document is one value
// (Document) from which both the page and the PDF are made, so that the two never differ.
package documents
