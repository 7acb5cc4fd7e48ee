package care

import "slices"

// FormFieldsWithout lists the fields that a form describes and the fact does not have.
func FormFieldsWithout(k Kind) (out []string) {
	for name := range formOf(k.Name).fields {
		if !slices.ContainsFunc(k.Fields(), func(f Field) bool { return f.Name == name }) {
			out = append(out, name)
		}
	}
	return out
}
