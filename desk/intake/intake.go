// Package intake reads files of new clients, as the command line and the console take them, and enrolls them one by one.
package intake

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/values"
	"kapflow/desk"
)

// Row is one client of an enrollment file.
type Row struct {
	Line int // where it begins
	desk.Enrollment
	Fault error // why it cannot be enrolled
}

// Read reads a CSV file by its name, and any other file as JSON.
func Read(name string, body []byte) ([]Row, error) {
	if strings.HasSuffix(strings.ToLower(name), ".csv") {
		return ReadCSV(body)
	}
	return ReadJSON(body)
}

// columns are the columns that a CSV file may have, in any order.
var columns = []string{"reference", "preferred_name", "pronouns", "phone", "email", "birth_date", "legal_name", "address", "member_id", "timezone", "presenting", "physician", "psychotherapist", "consent_sms", "consent_email", "other_person"}

// ReadCSV reads a heading line and one client a row. A row with a fault is returned with it; the rows after it are read all the
// same. The error is about the heading.
func ReadCSV(body []byte) ([]Row, error) {
	if !bytes.Contains(body, []byte("\n")) {
		body = bytes.ReplaceAll(body, []byte("\r"), []byte("\n")) // Excel's "CSV (Macintosh)"
	}
	rest := &csvRows{body: bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), line: 1}
	head, _, fault := rest.next()
	switch {
	case fault == nil:
		fault = checkHead(head)
	case errors.Is(fault, io.EOF):
		fault = errors.New("the heading line is missing")
	}
	if fault != nil {
		return nil, fmt.Errorf("line 1: %w", fault)
	}
	rest.head = head
	var out []Row
	for {
		row, line, fault := rest.next()
		if errors.Is(fault, io.EOF) && len(out) == 0 {
			return nil, errNobody
		}
		if errors.Is(fault, io.EOF) {
			return out, nil
		}
		if fault == nil && strings.TrimSpace(strings.Join(row, "")) == "" {
			continue // Excel writes rows of nothing but commas
		}
		in := Row{Line: line, Fault: fault}
		if fault == nil && len(row) != len(head) {
			in.Fault = fmt.Errorf("this row has %d columns; the heading has %d", len(row), len(head))
		}
		if in.Fault == nil {
			values := map[string]string{}
			for i, column := range head {
				values[column] = strings.TrimSpace(row[i])
			}
			in.Enrollment, in.Fault = from(values).Tidy(time.Now())
			if word := strings.ToLower(values["other_person"]); in.Fault == nil && word != "" && word != "yes" && word != "no" {
				in.Fault = errors.New("other_person: write yes if you checked that it is another person, or leave it empty")
			}
		}
		out = append(out, in)
	}
}

// csvRows reads the rows of a CSV file one by one. encoding/csv's own reader stops for good at some faults, and a faulty quote
// may swallow all the rows after it.
type csvRows struct {
	body []byte // what is not read yet
	line int    // the number of its first line, counted from 1
	head []string
}

// next returns a row and the number of its first line. A value in quotes may go on over several lines. A fault ends the row with
// its first line, so that the lines after it are read on their own. The error is io.EOF after the last row.
func (c *csvRows) next() (row []string, line int, fault error) {
	r := csv.NewReader(bytes.NewReader(c.body))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	row, err := r.Read()
	var wrong *csv.ParseError
	switch {
	case errors.As(err, &wrong):
		line = c.line + wrong.StartLine - 1
		c.skip(endOfLine(c.body, wrong.StartLine))
		return nil, line, errors.New(`a quote stands inside a value; write the value in quotes and double the quote: "Robert ""Bob"" Ray"`)
	case err != nil:
		return nil, c.line, err
	}
	start, _ := r.FieldPos(0)
	line = c.line + start - 1
	c.skip(int(r.InputOffset()))
	for i, value := range row {
		if _, err := values.Text(value, values.MostWords); err != nil {
			return nil, line, fmt.Errorf("%s %w", c.column(i), err)
		}
	}
	return row, line, nil
}

// column names a column by its heading, counted from 0; before the heading is read, and beyond it, by its number.
func (c *csvRows) column(i int) string {
	if i < len(c.head) {
		return c.head[i] + ":"
	}
	return fmt.Sprintf("column %d", i+1)
}

func (c *csvRows) skip(n int) {
	c.line += bytes.Count(c.body[:n], []byte("\n"))
	c.body = c.body[n:]
}

// endOfLine returns the offset after a number of lines.
func endOfLine(body []byte, lines int) (offset int) {
	for range lines {
		i := bytes.IndexByte(body[offset:], '\n')
		if i < 0 {
			return len(body)
		}
		offset += i + 1
	}
	return offset
}

// checkHead checks the names of the columns and writes them in small letters.
func checkHead(head []string) error {
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(head[i]))
		switch {
		case len(head) == 1 && strings.ContainsAny(head[i], ";\t"):
			return errors.New("the columns are not separated by commas; save the file as \"CSV UTF-8 (comma delimited)\"")
		case !slices.Contains(columns, head[i]):
			return fmt.Errorf("unknown column %q; the columns are %s", head[i], strings.Join(columns, ", "))
		case slices.Contains(head[:i], head[i]):
			return fmt.Errorf("the column %q stands twice; take one of them out", head[i])
		}
	}
	return nil
}

// intakeFrom makes an enrollment of one row.
func from(v map[string]string) desk.Enrollment {
	e := desk.Enrollment{Reference: v["reference"], PreferredName: v["preferred_name"], Pronouns: v["pronouns"], Phone: v["phone"], Email: v["email"], BirthDate: v["birth_date"], Timezone: v["timezone"],
		Billing:   care.Billing{LegalName: v["legal_name"], Address: addressLines(v["address"]), MemberID: v["member_id"]},
		Physician: v["physician"], Psychotherapist: v["psychotherapist"], Consent: map[person.Channel]string{}}
	for _, p := range strings.FieldsFunc(v["presenting"], func(r rune) bool { return r == ';' || r == '|' }) {
		e.Presenting = append(e.Presenting, strings.TrimSpace(p))
	}
	e.OtherPerson = strings.EqualFold(v["other_person"], "yes")
	for ch, col := range map[person.Channel]string{person.SMS: "consent_sms", person.Email: "consent_email"} {
		if v[col] != "" {
			e.Consent[ch] = v[col]
		}
	}
	return e
}

// addressLines reads a postal address whose lines are separated by ; or |.
func addressLines(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '|' || r == '\n' })
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}

// fields are the fields of a client in a JSON file.
var fields = []string{"reference", "preferred_name", "pronouns", "phone", "email", "birth_date", "legal_name", "address", "member_id", "timezone", "presenting", "physician", "psychotherapist", "consent", "other_person"}

// ReadJSON reads one client or a list of clients.
func ReadJSON(body []byte) ([]Row, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if !json.Valid(body) {
		return nil, errors.New("this is not JSON")
	}
	var raws []json.RawMessage
	if err := json.Unmarshal(body, &raws); err != nil || raws == nil {
		raws = []json.RawMessage{bytes.TrimSpace(body)}
	}
	if len(raws) == 0 {
		return nil, errNobody
	}
	var out []Row
	at := 0
	for _, raw := range raws {
		pos := bytes.Index(body[at:], raw) + at
		at = pos + len(raw)
		in := Row{Line: 1 + bytes.Count(body[:pos], []byte("\n"))}
		in.Enrollment, in.Fault = fromJSON(raw)
		out = append(out, in)
	}
	return out, nil
}

// errNobody says that a file holds nobody, so that an empty export does not pass for one that was enrolled.
var errNobody = errors.New("the file names no client")

func fromJSON(raw json.RawMessage) (desk.Enrollment, error) {
	if string(raw) == "null" {
		return desk.Enrollment{}, errors.New("this is not a JSON object")
	}
	for _, p := range values.Object(raw, values.Limits{Most: func(string) int { return values.MostWords }}) {
		if p.Field != "" {
			return desk.Enrollment{}, fmt.Errorf("%s: %w", p.Field, p.Err)
		}
	}
	if !utf8.Valid(raw) {
		return desk.Enrollment{}, errors.New("the name of a field has letters that are not UTF-8; save the file as UTF-8")
	}
	var c struct {
		Reference       string                    `json:"reference"`
		PreferredName   string                    `json:"preferred_name"`
		Pronouns        string                    `json:"pronouns"`
		Phone           string                    `json:"phone"`
		Email           string                    `json:"email"`
		BirthDate       string                    `json:"birth_date"`
		LegalName       string                    `json:"legal_name"`
		Address         string                    `json:"address"`
		MemberID        string                    `json:"member_id"`
		Timezone        string                    `json:"timezone"`
		Presenting      []string                  `json:"presenting"`
		Physician       string                    `json:"physician"`
		Psychotherapist string                    `json:"psychotherapist"`
		Consent         map[person.Channel]string `json:"consent"`
		OtherPerson     bool                      `json:"other_person"`
	}
	if err := values.Strict(raw, &c, fields...); err != nil {
		return desk.Enrollment{}, err
	}
	e := desk.Enrollment{Reference: c.Reference, PreferredName: c.PreferredName, Pronouns: c.Pronouns, Phone: c.Phone, Email: c.Email, BirthDate: c.BirthDate, Timezone: c.Timezone,
		Billing:    care.Billing{LegalName: c.LegalName, Address: addressLines(c.Address), MemberID: c.MemberID},
		Presenting: c.Presenting, Physician: c.Physician, Psychotherapist: c.Psychotherapist, Consent: c.Consent, OtherPerson: c.OtherPerson}
	return e.Tidy(time.Now())
}
