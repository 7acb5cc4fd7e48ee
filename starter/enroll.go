package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/desk"
)

type enrollCommand struct {
	File string `arg:"" help:"JSON (a client or a list) or CSV with a heading line. Columns: reference, preferred_name, phone, email, birth_date, legal_name, address (lines with ;), member_id, timezone, presenting (several with ;), physician, psychotherapist, consent_sms, consent_email (minimal or appointment-time)." type:"path"`
	By   string `help:"Who enrols: the coordinator's id." default:"coordinator"`
	JSON bool   `name:"json" help:"Print JSON."`
}

// intake is one client of an enrolment file with the line it stands on.
type intake struct {
	line int
	desk.Enrollment
	fault error
}

// enrolled is what became of one row.
type enrolled struct {
	Line   int    `json:"line"`
	Client string `json:"client,omitempty"`
	State  string `json:"state"` // enrolled, already-enrolled, refused
	Reason string `json:"reason,omitempty"`
}

// Run enrols every good row, none twice, and reports the bad ones with line and reason.
func (c enrollCommand) Run(t terminal) error {
	body, err := os.ReadFile(c.File)
	if err != nil {
		return usageError{err}
	}
	intakes, err := readIntakes(c.File, body)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", c.File, err)}
	}
	house, leave, err := connect(t)
	if err != nil {
		return err
	}
	defer leave()
	results, bad, err := enrollAll(t, house.Desk, person.Actor{ID: c.By, Role: person.Coordinator}, intakes)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := writeJSON(t.out, results); err != nil {
			return err
		}
	} else {
		for _, r := range results {
			fmt.Fprintf(t.out, "%s:%d: %s %s%s\n", c.File, r.Line, r.State, r.Client, r.Reason)
		}
	}
	if bad > 0 {
		return care.Refuse(care.OpeningKind().Name, care.CodeInvalid, fmt.Sprintf("%d of %d rows were not enrolled", bad, len(results)), person.Coordinator)
	}
	return nil
}

func enrollAll(t terminal, d *desk.Desk, by person.Actor, intakes []intake) (results []enrolled, bad int, err error) {
	for _, in := range intakes {
		if in.fault != nil {
			results, bad = append(results, enrolled{Line: in.line, State: "refused", Reason: in.fault.Error()}), bad+1
			continue
		}
		answer, err := d.Enroll(t.ctx, by, in.Enrollment)
		var refusal *care.Refusal
		switch {
		case err == nil:
			results = append(results, enrolled{Line: in.line, Client: answer.ClientID, State: "enrolled"})
		case errors.As(err, &refusal) && refusal.Code == care.CodeAlreadyEnrolled:
			results = append(results, enrolled{Line: in.line, Client: answer.ClientID, State: refusal.Code})
		case errors.As(err, &refusal):
			results, bad = append(results, enrolled{Line: in.line, State: "refused", Reason: refusal.Message}), bad+1
		default:
			return results, bad, err
		}
	}
	return results, bad, nil
}

func readIntakes(name string, body []byte) ([]intake, error) {
	if strings.HasSuffix(strings.ToLower(name), ".csv") {
		return readCSV(body)
	}
	return readIntakeJSON(body)
}

var intakeColumns = []string{"reference", "preferred_name", "phone", "email", "birth_date", "legal_name", "address", "member_id", "timezone", "presenting", "physician", "psychotherapist", "consent_sms", "consent_email"}

func readCSV(body []byte) ([]intake, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("line 1: no heading line: %w", err)
	}
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(head[i]))
		if !slices.Contains(intakeColumns, head[i]) {
			return nil, fmt.Errorf("line 1: unknown column %q; known: %s", head[i], strings.Join(intakeColumns, ", "))
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
			in.fault = fmt.Errorf("has %d columns; the heading has %d", len(row), len(head))
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

// addressLines reads a postal address whose lines are set apart by ; or |.
func addressLines(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '|' || r == '\n' })
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}

// checkAddresses refuses addresses that nothing could be sent to.
func checkAddresses(e desk.Enrollment) error {
	if e.Phone != "" && !validPhone(e.Phone) {
		return fmt.Errorf("phone: write it with its country code, such as +13035550142")
	}
	if e.Email != "" && (strings.Count(e.Email, "@") != 1 || strings.HasPrefix(e.Email, "@") || strings.HasSuffix(e.Email, "@")) {
		return fmt.Errorf("email: is not an address")
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

func readIntakeJSON(body []byte) ([]intake, error) {
	type client struct {
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
	var raws []json.RawMessage
	if err := json.Unmarshal(body, &raws); err != nil {
		raws = []json.RawMessage{body}
	}
	var out []intake
	at := 0
	for _, raw := range raws {
		pos := bytes.Index(body[at:], raw) + at
		in := intake{line: 1 + bytes.Count(body[:pos], []byte("\n"))}
		at = pos + len(raw)
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		var c client
		if err := dec.Decode(&c); err != nil {
			if len(raws) == 1 && !json.Valid(body) {
				return nil, fmt.Errorf("is not JSON: %w", err)
			}
			in.fault = err
		} else {
			in.Enrollment = desk.Enrollment{Reference: c.Reference, PreferredName: c.PreferredName, Phone: c.Phone, Email: c.Email, BirthDate: c.BirthDate, Timezone: c.Timezone,
				Billing:    care.Billing{LegalName: c.LegalName, Address: addressLines(c.Address), MemberID: c.MemberID},
				Presenting: c.Presenting, Physician: c.Physician, Psychotherapist: c.Psychotherapist, Consent: c.Consent}
			in.fault = checkAddresses(in.Enrollment)
		}
		out = append(out, in)
	}
	return out, nil
}
