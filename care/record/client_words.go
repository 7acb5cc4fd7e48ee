package record

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/person"
)

// ClientWord is what a client asked for or wrote, and the task that waits on it.
type ClientWord struct {
	Task  string       `json:"task"`
	Role  person.Role  `json:"role"` // whose task it is
	About string       `json:"about,omitempty"`
	At    time.Time    `json:"at"` // UTC
	By    person.Actor `json:"by"`
	Words string       `json:"words"` // as far as they are open to the reader; empty: the client wrote nothing
}

// WordsWait says whether there is anything that ClientWords gives of a client.
func WordsWait(c *care.Chart, now time.Time) bool {
	return slices.ContainsFunc(c.Tasks(chartTime(c, now)), func(t care.Task) bool {
		_, waits := care.KindReadIn(t.Task)
		return waits
	})
}

// ClientWords gives what clients asked and wrote that somebody has yet to see to, in the order of the tasks.
func (r HealthRecord) ClientWords(now time.Time) (out []ClientWord) {
	if len(r.Facts) == 0 { // facts are read when WordsWait
		return nil
	}
	for _, t := range r.Chart.Tasks(now) {
		source, waits := care.KindReadIn(t.Task)
		if !waits {
			continue
		}
		for i := len(r.Facts) - 1; i >= 0; i-- { // the latest counts
			e := r.Facts[i]
			if e.Fact != source.Name || source.AboutIn(e.With) != t.About && "reply-"+strconv.Itoa(e.Seq) != t.About {
				continue
			}
			words, _ := r.Fields(e)[source.Words].(string)
			out = append(out, ClientWord{Task: t.Task, Role: t.Role, About: t.About, At: e.At, By: e.By, Words: strings.TrimSpace(words)})
			break
		}
	}
	return out
}
