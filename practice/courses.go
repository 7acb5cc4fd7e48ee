package practice

import (
	"embed"
	"io/fs"
)

//go:embed courses/*.yaml
var sampleCourses embed.FS

// Courses gives the course files that ship with the sample practice, at the root of the file system. Each is an example
// of a whole course of treatment. They serve as acceptance tests and as training material.
func Courses() fs.FS { return sub(sampleCourses, "courses") }
