package practice

import (
	"embed"
	"io/fs"
)

//go:embed courses/*.yaml
var sampleCourses embed.FS

// Courses gives the course files that ship with the sample practice, at the root of the file system: examples
// of whole courses of treatment, which are at once acceptance tests and training material.
func Courses() fs.FS { return sub(sampleCourses, "courses") }
