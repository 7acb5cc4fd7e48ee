package staff

import (
	"strconv"
	"time"

	"kapflow/care"
	"kapflow/care/record"
	"kapflow/care/wording"
)

// answerSheet is one questionnaire as a client answered it.
type answerSheet struct {
	Title   string
	At      time.Time
	Answers []questionAnswer
}

// questionAnswer is one question with its answer.
type questionAnswer struct {
	Question string
	Words    string
	Mark     bool // it points to danger
}

// sheetsOf gives the questionnaires of a reading, each question with its answer.
func sheetsOf(r record.Reading) (sheets []answerSheet) {
	for _, list := range []struct {
		title     string
		questions []string
		answers   []int
	}{{"PHQ-9", wording.PHQ9Items, r.PHQ9Answers}, {"GAD-7", wording.GAD7Items, r.GAD7Answers}} {
		if len(list.answers) != len(list.questions) {
			continue // not asked, or not whole
		}
		s := answerSheet{Title: list.title, At: r.At}
		for i, question := range list.questions {
			s.Answers = append(s.Answers, questionAnswer{Question: question, Words: strconv.Itoa(list.answers[i]) + ": " + wording.HowOften[list.answers[i]]})
		}
		if list.title == "PHQ-9" && care.Concern(list.answers) {
			s.Answers[len(s.Answers)-1].Mark = true
		}
		sheets = append(sheets, s)
	}
	return sheets
}
