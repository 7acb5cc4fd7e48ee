package coursefile_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kapflow/practice"
	"kapflow/practice/coursefile"
)

// FuzzParse: whatever a course file holds, it is read or refused with its faults, and reading ends.
func FuzzParse(f *testing.F) {
	now := time.Date(2027, time.January, 4, 16, 0, 0, 0, time.UTC)
	prac, err := practice.Sample(now)
	if err != nil {
		f.Fatal(err)
	}
	files, err := filepath.Glob("../../practice/courses/*.yaml")
	if err != nil || len(files) < 5 {
		f.Fatalf("%d courses: %v", len(files), err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		course, err := coursefile.Parse("course.yaml", body, prac.Zone, prac.Policy, now)
		var file *coursefile.FileError
		if (course == nil) != (err != nil) || err != nil && !errors.As(err, &file) {
			t.Fatalf("%v, %v", course, err)
		}
	})
}
