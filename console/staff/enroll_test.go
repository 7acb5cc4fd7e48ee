package staff

import (
	"testing"

	"kapflow/care"
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
