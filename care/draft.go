package care

import "time"

// Draft is a form that somebody began and has not recorded. Only its author reads it.
type Draft struct {
	Person    string // id of its author
	About     string // the client's id, or DraftOfPractice
	Form      string // name of the fact
	BegunAt   time.Time
	ExpiresAt time.Time
	Typed     map[string][]string // by the name of the form's field
}

// DraftOfPractice is what a draft is about that is of no client: a new client's form, or a fact about the practice.
const DraftOfPractice = "practice"
