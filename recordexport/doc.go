// Package recordexport writes a client's record down for those who get it: as a document to print, as tables, as JSON
// and as a FHIR R4 Bundle. It reads nothing and asks nobody: what is in the record it was given, it writes, and
// the same record gives the same bytes.
package recordexport
