package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/desk"
)

// intake is one client of an enrollment file. line is where it begins; fault is why it cannot be enrolled.
type intake struct {
	line int
	desk.Enrollment
	fault error
}

// readIntakes reads a CSV file by its name, and any other file as JSON.
func readIntakes(name string, body []byte) ([]intake, error) {
	if strings.HasSuffix(strings.ToLower(name), ".csv") {
		return readCSV(body)
	}
	return readIntakeJSON(body)
}

// intakeColumns are the columns that a CSV file may have, in any order.
var intakeColumns = []string{"reference", "preferred_name", "phone", "email", "birth_date", "legal_name", "address", "member_id", "timezone", "presenting", "physician", "psychotherapist", "consent_sms", "consent_email"}

// readCSV reads a heading line and one client a row. A row with a fault is returned with it.
func readCSV(body []byte) ([]intake, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("line 1: the heading line is missing: %w", err)
	}
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(head[i]))
		if !slices.Contains(intakeColumns, head[i]) {
			return nil, fmt.Errorf("line 1: unknown column %q; the columns are %s", head[i], strings.Join(intakeColumns, ", "))
		}
	}
	var out []intake
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			return nil, err
		}
		in := intake{line: line}
		if len(row) != len(head) {
			in.fault = fmt.Errorf("this row has %d columns; the heading has %d", len(row), len(head))
			out = append(out, in)
			continue
		}
		values := map[string]string{}
		for i, col := range head {
			values[col] = strings.TrimSpace(row[i])
		}
		in.Enrollment, in.fault = intakeFrom(values)
		out = append(out, in)
	}
}

// intakeFrom makes an enrollment of one row.
func intakeFrom(v map[string]string) (desk.Enrollment, error) {
	e := desk.Enrollment{Reference: v["reference"], PreferredName: v["preferred_name"], Phone: v["phone"], Email: v["email"], BirthDate: v["birth_date"], Timezone: v["timezone"],
		Billing:   care.Billing{LegalName: v["legal_name"], Address: addressLines(v["address"]), MemberID: v["member_id"]},
		Physician: v["physician"], Psychotherapist: v["psychotherapist"], Consent: map[person.Channel]string{}}
	for _, p := range strings.FieldsFunc(v["presenting"], func(r rune) bool { return r == ';' || r == '|' }) {
		e.Presenting = append(e.Presenting, strings.TrimSpace(p))
	}
	for ch, col := range map[person.Channel]string{person.SMS: "consent_sms", person.Email: "consent_email"} {
		if v[col] != "" {
			e.Consent[ch] = v[col]
		}
	}
	return e, checkAddresses(e)
}

// addressLines reads a postal address whose lines are separated by ; or |.
func addressLines(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '|' || r == '\n' })
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}

// checkAddresses refuses a phone number or e-mail address that nothing can be sent to, and consent that does not exist.
func checkAddresses(e desk.Enrollment) error {
	if e.Phone != "" && !validPhone(e.Phone) {
		return fmt.Errorf("phone: write it with its country code, such as +13035550142")
	}
	if e.Email != "" && (strings.Count(e.Email, "@") != 1 || strings.HasPrefix(e.Email, "@") || strings.HasSuffix(e.Email, "@")) {
		return fmt.Errorf("email: this is not an e-mail address")
	}
	for ch, detail := range e.Consent {
		if detail != message.DetailMinimal && detail != message.DetailTime {
			return fmt.Errorf("consent for %s: write minimal or appointment-time", ch)
		}
	}
	return nil
}

func validPhone(p string) bool {
	if len(p) < 8 || len(p) > 16 || p[0] != '+' {
		return false
	}
	return strings.IndexFunc(p[1:], func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// intakeFields are the fields of a client in a JSON file.
var intakeFields = []string{"reference", "preferred_name", "phone", "email", "birth_date", "legal_name", "address", "member_id", "timezone", "presenting", "physician", "psychotherapist", "consent"}

// readIntakeJSON reads one client or a list of clients.
func readIntakeJSON(body []byte) ([]intake, error) {
	if !json.Valid(body) {
		return nil, errors.New("this is not JSON")
	}
	var raws []json.RawMessage
	if err := json.Unmarshal(body, &raws); err != nil {
		raws = []json.RawMessage{body}
	}
	var out []intake
	at := 0
	for _, raw := range raws {
		pos := bytes.Index(body[at:], raw) + at
		at = pos + len(raw)
		in := intake{line: 1 + bytes.Count(body[:pos], []byte("\n"))}
		in.Enrollment, in.fault = intakeFromJSON(raw)
		out = append(out, in)
	}
	return out, nil
}

func intakeFromJSON(raw json.RawMessage) (desk.Enrollment, error) {
	var c struct {
		Reference       string                    `json:"reference"`
		PreferredName   string                    `json:"preferred_name"`
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
	}
	if err := strictJSON(raw, &c, intakeFields...); err != nil {
		return desk.Enrollment{}, err
	}
	e := desk.Enrollment{Reference: c.Reference, PreferredName: c.PreferredName, Phone: c.Phone, Email: c.Email, BirthDate: c.BirthDate, Timezone: c.Timezone,
		Billing:    care.Billing{LegalName: c.LegalName, Address: addressLines(c.Address), MemberID: c.MemberID},
		Presenting: c.Presenting, Physician: c.Physician, Psychotherapist: c.Psychotherapist, Consent: c.Consent}
	return e, checkAddresses(e)
}
