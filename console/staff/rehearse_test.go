package staff_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kapflow/desk"
)

// TestACourseIsPlayedOnAPage: what happens day by day, a fault beside the text that was typed, and nothing of it in the records.
func TestACourseIsPlayedOnAPage(t *testing.T) {
	t.Parallel()
	h := open(t)
	played := 0
	h.desk.SampleCourses = func() []desk.SampleCourse {
		return []desk.SampleCourse{{File: "six", Name: "Six infusions", Text: "name: Six infusions\n"}, {File: "ten", Name: "Ten of them", Text: "name: Ten\n"}}
	}
	h.desk.PlayCourse = func(_ context.Context, text []byte) (desk.CourseStory, error) {
		played++
		if strings.Contains(string(text), "labs-lost") {
			return desk.CourseStory{Fault: `there is no fact called "labs-lost"`, Line: 2}, nil
		}
		return desk.CourseStory{Name: "Six infusions", Played: true, Cut: 7,
			Lines: []desk.StoryLine{{At: h.now, Client: "ana", Kind: "stage", Words: "Stage: Screening"}, {At: h.now, Client: "ana", Kind: "gate", Words: "Gate labs shut: none yet"},
				{At: h.now, Client: "ana", Kind: "task", Words: "Task opened: labs"}, {At: h.now, Client: "bea", Kind: "gate", Words: "Gate labs shut: none yet"},
				{At: h.now, Client: "ana", Kind: "refused", Words: "Labs reviewed: no results"},
				{At: h.now.AddDate(0, 0, 1), Client: "ana", Kind: "message", Words: "Text message to the client (sent): Hello", Text: "Hello\n<b>you</b>"}},
			Ends: []desk.StoryEnd{{Client: "ana", Stage: "completed", Messages: 41, Medical: 12345}}}, nil
	}
	if got := h.ask(h.of(owner), http.MethodGet, "/practice/rehearse?sample=ten", nil); !strings.Contains(got.body, "name: Ten") || !strings.Contains(got.body, `<option value="ten" selected>`) || played > 0 {
		t.Errorf("a sample: %d, played %d times", got.status, played)
	}
	for text, want := range map[string][]string{
		"name: x": {"went as the file says", "Monday, March 1, 2027", "Tuesday, March 2, 2027", "9:00 AM", "Refused", "2 gates and tasks change", "A gate or task changes", "Hello\n&lt;b&gt;you&lt;/b&gt;", "Completed", "41", "$123.45", "7 more lines", "name: x</textarea>"},
		"name: x\n  - {record: labs-lost, with: <kept>}": {"Nothing was played", "Line 2: there is no fact called &#34;labs-lost&#34;.", "<code>- {record: labs-lost, with: &lt;kept&gt;}</code>", "with: &lt;kept&gt;}</textarea>"},
		" \n":                              {"Nothing was played", "Type a course"},
		strings.Repeat("# long\n", 40_000): {"Nothing was played", "at most 256 kB"},
	} {
		before := played
		got := h.ask(h.of(coord), http.MethodPost, "/practice/rehearse", url.Values{"course": {text}})
		for _, words := range want {
			if !strings.Contains(got.body, words) {
				t.Errorf("%.40q: status %d, the page lacks %q", text, got.status, words)
			}
		}
		if faulty := strings.Contains(got.body, "Nothing was played"); faulty != (got.status == http.StatusUnprocessableEntity) {
			t.Errorf("%.40q: status %d", text, got.status)
		}
		if given := strings.Contains(text, "name"); given != (played > before) {
			t.Errorf("%.40q was played %d times", text, played-before)
		}
	}
	h.playsAFile()
}

// playsAFile: a file counts more than what stands in the box, and stands there afterwards.
func (h *house) playsAFile() {
	h.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	must(h.t, form.WriteField("course", "name: typed"))
	file, err := form.CreateFormFile("file", "course.yaml")
	must(h.t, err)
	_, err = file.Write([]byte("name: of the file"))
	must(h.t, err)
	must(h.t, form.Close())
	h.seat.id = h.of(owner)
	res, err := h.web.Client().Post(h.web.URL+"/practice/rehearse", form.FormDataContentType(), &body)
	must(h.t, err)
	defer func() { _ = res.Body.Close() }()
	page, err := io.ReadAll(res.Body)
	must(h.t, err)
	if res.StatusCode != http.StatusOK || !strings.Contains(string(page), "name: of the file</textarea>") {
		h.t.Errorf("a file: %d", res.StatusCode)
	}
}
