package desk_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/desk"
)

// TestEnrollmentTakesNoValueThatCannotBe goes through every field of an enrollment and values that it cannot have.
func TestEnrollmentTakesNoValueThatCannotBe(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, time.March, 1, 12, 0, 0, 0, time.UTC)
	anything := []string{"Zo\xeb", "Zo\ufffd", "a\x00b", strings.Repeat("x", 30000)}
	for field, c := range map[string]struct {
		set func(*desk.Enrollment, string)
		bad []string
	}{
		"reference":       {func(e *desk.Enrollment, v string) { e.Reference = v }, []string{"a\nb"}},
		"preferred_name":  {func(e *desk.Enrollment, v string) { e.PreferredName = v }, []string{"a\nb", "123"}},
		"pronouns":        {func(e *desk.Enrollment, v string) { e.Pronouns = v }, []string{"a\nb", strings.Repeat("n", 41)}},
		"phone":           {func(e *desk.Enrollment, v string) { e.Phone = v }, []string{"3035550142", "+1 303 555", "1.3E+10", "+1303555014x"}},
		"email":           {func(e *desk.Enrollment, v string) { e.Email = v }, []string{"sam", "sam@example", "Sam <sam@example.org>"}},
		"birth_date":      {func(e *desk.Enrollment, v string) { e.BirthDate = v }, []string{"5/2/1988", "1850-01-01", "2031-01-01"}},
		"legal_name":      {func(e *desk.Enrollment, v string) { e.Billing.LegalName = v }, []string{"a\nb"}},
		"address":         {func(e *desk.Enrollment, v string) { e.Billing.Address = v }, []string{strings.Repeat("a\n", 8) + "b"}},
		"member_id":       {func(e *desk.Enrollment, v string) { e.Billing.MemberID = v }, []string{"a\nb"}},
		"timezone":        {func(e *desk.Enrollment, v string) { e.Timezone = v }, []string{"EST", "MST", "Etc/GMT+7", "UTC", "Local", "Denver"}},
		"presenting":      {func(e *desk.Enrollment, v string) { e.Presenting = []string{v} }, nil},
		"physician":       {func(e *desk.Enrollment, v string) { e.Physician = v }, nil},
		"psychotherapist": {func(e *desk.Enrollment, v string) { e.Psychotherapist = v }, nil},
		"consent":         {func(e *desk.Enrollment, v string) { e.Consent = map[person.Channel]string{person.SMS: v} }, []string{"everything", ""}},
	} {
		for _, value := range append(anything, c.bad...) {
			var e desk.Enrollment
			c.set(&e, value)
			_, err := e.Tidy(now)
			var refused *care.Refusal
			if !errors.As(err, &refused) || refused.Code != care.CodeInvalid || !strings.HasPrefix(refused.Message, field) {
				t.Errorf("%s takes %.20q: %v", field, value, err)
			}
		}
	}
	good := desk.Enrollment{PreferredName: "李小龙", Phone: "+1 (303) 555-0142", Email: " sam@example.org ", BirthDate: "1988-05-02", Timezone: "America/Denver"}
	if got, err := good.Tidy(now); err != nil || got.Phone != "+13035550142" || got.Email != "sam@example.org" {
		t.Errorf("%+v %v", got, err)
	}
}
