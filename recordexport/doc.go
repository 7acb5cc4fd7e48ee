// Package recordexport writes a client's record as a document to print, as tables, as JSON and as a FHIR R4 Bundle. It
// writes only what is in the record that it is given. The same record gives the same bytes.
package recordexport
