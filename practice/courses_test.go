package practice_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"kapflow/practice"
)

// TestCoursesAreSamples checks that no course has an address or number that could belong to a person.
func TestCoursesAreSamples(t *testing.T) {
	t.Parallel()
	names, _ := fs.Glob(practice.Courses(), "*.yaml")
	phones := regexp.MustCompile(`\+\d+`)
	addresses := regexp.MustCompile(`\S+@\S+`)
	seen := map[string]string{}
	for _, name := range names {
		body, err := fs.ReadFile(practice.Courses(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range phones.FindAllString(string(body), -1) {
			if !regexp.MustCompile(`^\+1303555\d{4}$`).MatchString(p) || seen[p] != "" {
				t.Errorf("%s: phone %s (also in %q)", name, p, seen[p])
			}
			seen[p] = name
		}
		for _, a := range addresses.FindAllString(string(body), -1) {
			if !strings.HasSuffix(a, "@example.org") {
				t.Errorf("%s: address %s", name, a)
			}
		}
	}
	if len(seen) == 0 {
		t.Errorf("no phone in %d courses", len(names))
	}
}
