package practice_test

import (
	"reflect"
	"testing"

	"kapflow/practice"
)

// Every variable of a text reaches it by its name: one that is left out makes a message that can never be sent.
func TestEveryVariableIsGivenByItsName(t *testing.T) {
	t.Parallel()
	for _, field := range reflect.VisibleFields(reflect.TypeFor[practice.Vars]()) {
		vars := practice.VarsNamed(map[string]string{field.Name: "words"})
		if got := reflect.ValueOf(vars).FieldByName(field.Name).String(); got != "words" {
			t.Errorf("%s is lost: %q", field.Name, got)
		}
	}
}
