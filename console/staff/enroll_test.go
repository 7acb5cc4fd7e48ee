package staff

import (
	"testing"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/form"
	"kapflow/care/person"
)

// TestWhatIsWrongWithAnEnrollmentStandsBesideItsField, a whole sentence each, and what names no field stands above the form.
func TestWhatIsWrongWithAnEnrollmentStandsBesideItsField(t *testing.T) {
	t.Parallel()
	beside, above := placeEnrollment(care.Refuse("enrolled", care.CodeInvalid, "phone: is no number; email: is not an email address; write one such as sam@example.org", ""))
	if len(above) != 0 || len(beside) != 2 || beside[0].Input != "phone" || beside[1].Input != "email" || beside[1].Message != "Email is not an email address; write one such as sam@example.org." {
		t.Errorf("%+v, %+v", beside, above)
	}
	beside, above = placeEnrollment(care.Refuse("enrolled", care.CodeInvalid, "something else; and more", ""))
	if len(beside) != 0 || len(above) != 1 || above[0].Message != "Something else; and more" {
		t.Errorf("%+v, %+v", beside, above)
	}
}

// TestEverythingThatIsMissingIsSaidAtOnce: a field that every report needs is named though the refusal is about another one, in the
// order of the form, and once.
func TestEverythingThatIsMissingIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	kind := care.KindFor[*care.ClinicianUnavailable]()
	typed := form.Values{"to": {"soon"}, "from": {" "}}
	m := inputs{typed: typed, page: "f-", choices: func(string) []care.Choice { return []care.Choice{{Value: "a", Label: "A"}} }}
	all := m.of(kind.FieldsFor(person.Coordinator), "")
	faults := form.Read(kind, typed, clock.Zone{}, person.Coordinator).Faults
	var said []string
	for _, l := range markFaults(all, faults) {
		said = append(said, l.Message)
	}
	if len(faults) != 1 || len(said) != 3 || said[0] != "Who is away is needed." || said[1] != "Away from is needed." || said[2] != faults[0].Message {
		t.Errorf("%q", said)
	}
}

// TestNoConsentIsAnAnswer: a client who agrees to texts and not to email is enrolled so.
func TestNoConsentIsAnAnswer(t *testing.T) {
	t.Parallel()
	e, err := enrollmentOf([]byte(`{}`), form.Values{"_consent_sms": {"minimal"}, "_consent_email": {"no"}})
	if err != nil || len(e.Consent) != 1 || e.Consent[person.SMS] != "minimal" {
		t.Errorf("%v, %v", e.Consent, err)
	}
}
