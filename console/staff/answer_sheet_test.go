package staff

import (
	"testing"

	"kapflow/care"
	"kapflow/care/record"
	"kapflow/care/wording"
)

// TestEachQuestionStandsBesideItsAnswer: every question of both lists, with the words of each answer from 0 to 3; the last question
// of PHQ-9 is marked when its answer is above 0. A list that is not whole is not shown.
func TestEachQuestionStandsBesideItsAnswer(t *testing.T) {
	t.Parallel()
	if len(wording.PHQ9Items) != care.PHQ9.Items || len(wording.GAD7Items) != care.GAD7.Items || len(wording.HowOften) != 4 {
		t.Fatal("the questions are not those that are scored")
	}
	for answer, words := range []string{"0: Not at all", "1: Several days", "2: More than half the days", "3: Nearly every day"} {
		r := record.Reading{}
		for range wording.PHQ9Items {
			r.PHQ9Answers = append(r.PHQ9Answers, answer)
		}
		for range wording.GAD7Items {
			r.GAD7Answers = append(r.GAD7Answers, answer)
		}
		sheets := sheetsOf(r)
		if len(sheets) != 2 || len(sheets[0].Answers) != 9 || len(sheets[1].Answers) != 7 {
			t.Fatalf("%+v", sheets)
		}
		for _, s := range sheets {
			for i, a := range s.Answers {
				danger := s.Title == "PHQ-9" && i == 8 && answer > 0
				if a.Words != words || a.Question == "" || a.Mark != danger {
					t.Errorf("%s %d: %+v", s.Title, i+1, a)
				}
			}
		}
		r.PHQ9Answers = r.PHQ9Answers[:8]
		if got := sheetsOf(r); len(got) != 1 || got[0].Title != "GAD-7" {
			t.Errorf("of a list that is not whole: %+v", got)
		}
	}
}
