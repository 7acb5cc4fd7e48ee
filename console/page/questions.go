package page

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"kapflow/care"
	"kapflow/care/wording"
)

// effectWords are our own words for the codes of care.SideEffects.
var effectWords = map[string]string{
	"bladder": "Bladder: more often, urgent, or painful", "memory": "Forgetful, or slow to find words", "craving": "Cravings for the medicine or something else",
	"nausea": "Nausea", "headache": "Headache", "dizziness": "Dizzy or unsteady", "sleep": "Trouble sleeping", "blurred-vision": "Blurry vision",
	"unreal": "Feeling unreal or far away", "heart": "Heart racing or pounding", "low-mood": "Mood worse than before", "other": "Something else",
}

// choice is one option of a question.
type choice struct {
	Name, Value, Words string
	Checked            bool
}

// item is one question of a questionnaire.
type item struct {
	Name    string // phq9-3
	Number  int
	Words   string
	Missing bool
	Choices []choice
}

// questionnaire is one list of questions on the page.
type questionnaire struct {
	Title string
	Items []item
}

// forms are the two questionnaires.
var forms = []struct {
	of    care.Instrument
	title string
	items []string
}{{care.PHQ9, "The last two weeks, part 1", wording.PHQ9Items}, {care.GAD7, "The last two weeks, part 2", wording.GAD7Items}}

func questionnaires(typed url.Values) []questionnaire {
	var out []questionnaire
	for _, f := range forms {
		q := questionnaire{Title: f.title}
		begun := begun(f.of, typed)
		for i, words := range f.items {
			x := item{Name: itemName(f.of, i), Number: i + 1, Words: words}
			given := typed.Get(x.Name)
			x.Missing = begun && given == ""
			for n, often := range wording.HowOften {
				x.Choices = append(x.Choices, choice{Name: x.Name, Value: strconv.Itoa(n), Words: often, Checked: given == strconv.Itoa(n)})
			}
			q.Items = append(q.Items, x)
		}
		out = append(out, q)
	}
	return out
}

func itemName(i care.Instrument, n int) string { return fmt.Sprintf("%s-%d", i.Name, n+1) }

// begun reports whether any question of a list was answered.
func begun(i care.Instrument, typed url.Values) bool {
	return slices.ContainsFunc(itemNames(i), func(name string) bool { return typed.Get(name) != "" })
}

func itemNames(i care.Instrument) []string {
	names := make([]string, i.Items)
	for n := range names {
		names[n] = itemName(i, n)
	}
	return names
}

// answersTo reads the answers of a list, empty if there are none, and the numbers of the questions that have no answer.
func answersTo(i care.Instrument, typed url.Values) (answers []int, missing []string) {
	if !begun(i, typed) {
		return nil, nil
	}
	for n, name := range itemNames(i) {
		a, err := strconv.Atoi(typed.Get(name))
		if err != nil {
			missing = append(missing, strconv.Itoa(n+1))
			continue
		}
		answers = append(answers, a)
	}
	return answers, missing
}
