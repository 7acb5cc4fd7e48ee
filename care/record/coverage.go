package record

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"kapflow/care"
)

// CoverageSheet is what the practice knows of a client's insurance: the worksheet for the benefits call. Its fields are those of the
// form that reviews the coverage, with the texts that the reader may see.
type CoverageSheet struct {
	Fields   json.RawMessage
	Reviewed time.Time // zero: nobody reviewed the figures since they were entered
	Entered  time.Time
	Contact  json.RawMessage // of the last contact with the insurer, as its form has it; empty: there was none
	Asked    time.Time       // when that was
}

// CoverageSheetOf gives the insurance worksheet of a record; nil while nothing is known. Figures that are entered anew take the place of
// all before them; a review completes them.
func CoverageSheetOf(r HealthRecord) (*CoverageSheet, error) {
	entered, reviewed, contacted := care.KindFor[*care.CoverageEntered]().Name, care.KindFor[*care.CoverageReviewed]().Name, care.KindFor[*care.InsurerContacted]().Name
	var s CoverageSheet
	var fields, contact map[string]any
	for _, e := range r.Facts {
		switch e.Fact {
		case entered:
			fields, s.Entered, s.Reviewed = r.Fields(e), e.At, time.Time{}
		case reviewed:
			if fields == nil || !s.Reviewed.IsZero() {
				fields = map[string]any{}
			}
			maps.Copy(fields, r.Fields(e))
			s.Reviewed = e.At
		case contacted:
			contact, s.Asked = r.Fields(e), e.At
		}
	}
	if fields == nil && contact == nil {
		return nil, nil
	}
	var err error
	if s.Fields, err = json.Marshal(fields); err != nil {
		return nil, fmt.Errorf("coverage: %w", err)
	}
	if contact != nil {
		if s.Contact, err = json.Marshal(contact); err != nil {
			return nil, fmt.Errorf("contact with the insurer: %w", err)
		}
	}
	return &s, nil
}
