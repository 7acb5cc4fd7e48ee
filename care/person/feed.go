package person

import (
	"errors"
	"time"
)

// Feed is the calendar feed of somebody who works at the practice. Its secret is not kept.
type Feed struct {
	Person string // id in the practice file
	MadeAt time.Time
	ReadOn string // the last day, in the practice's zone, of which the audit log has a row; empty: none
}

// ErrNoFeed says that there is no such calendar feed. Whether it was ended or never existed is nobody's business.
var ErrNoFeed = errors.New("there is no such calendar feed")
