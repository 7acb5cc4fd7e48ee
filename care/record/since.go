package record

// Since tells what was recorded after the fact with a number: what somebody has not seen who saw that fact last. It is asked with
// the record's chart and facts; private texts are shown as far as the record opens them.
func (r HealthRecord) Since(seen int) ([]HistoryLine, error) {
	var out []HistoryLine
	for _, e := range r.Facts {
		if e.Seq <= seen {
			continue
		}
		line, err := r.factLine(e)
		if err != nil {
			return nil, err
		}
		out = append(out, line)
	}
	return out, nil
}
