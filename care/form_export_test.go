package care

import (
	"reflect"
	"slices"

	"kapflow/care/clock"
)

// FormFieldsWithout lists the fields that a form describes and the fact does not have.
func FormFieldsWithout(k Kind) (out []string) {
	for name := range formOf(k.Name).fields {
		if !slices.ContainsFunc(k.Fields(), func(f Field) bool { return f.Name == name }) {
			out = append(out, name)
		}
	}
	return out
}

// ChangedExamples lists the kinds whose typed example is not what their example reads as: something changed it.
func ChangedExamples() (out []string) {
	for _, k := range vocabulary {
		fresh, _, err := k.Decode(k.Example(), clock.Zone{})
		if err != nil || !reflect.DeepEqual(fresh, traitsOf[k.Name].typed) {
			out = append(out, k.Name)
		}
	}
	return out
}
