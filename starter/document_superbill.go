package main

import (
	"fmt"
	"strings"

	"kapflow/access"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/documents"
)

type documentSuperbillCommand struct {
	Client      string `arg:"" help:"The client's id."`
	Appointment string `arg:"" help:"The visit, such as preparation-2."`
	newDocumentFlags
	Code      []string `help:"Service codes (CPT, HCPCS) from the clinician for this visit, each with its modifier after a dash: 90834 or 90834-95. Default: the practice's codes."`
	Diagnosis []string `help:"ICD-10 codes from the clinician."`
	Units     int      `help:"Units of each service." default:"1"`
	Clinician string   `help:"The id of the clinician who gave the codes. Default: the one who saw the client."`
}

// Run makes a superbill and stores it. Every code on it comes from the practice's settings or from this command.
func (c documentSuperbillCommand) Run(t terminal) error {
	coding := documents.Coding{Diagnoses: c.Diagnosis, Units: c.Units, By: c.Clinician}
	for _, code := range c.Code {
		number, modifier, _ := strings.Cut(code, "-")
		if !policy.ValidServiceCode(number) {
			return usageError{fmt.Errorf("--code %s: a service code has five letters or digits", code)}
		}
		coding.Services = append(coding.Services, policy.ServiceCode{Code: number, Modifier: modifier})
	}
	return withSubject(t, c.who, access.GiveDocument, c.Client, func(s desktop) error {
		if v := s.Chart.Visit(c.Appointment); v != nil && coding.By == "" {
			role := person.Psychotherapist
			if v.Kind.FeeSet() == money.Medical {
				role = person.Physician
			}
			coding.By = s.Chart.ClinicianAt(role, v.Start)
		}
		d, err := documents.Superbill(s.Subject, c.Appointment, coding)
		if err != nil {
			return usageError{err}
		}
		_, err = c.handOut(t, s, d, "")
		return err
	})
}
