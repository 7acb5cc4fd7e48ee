package staff

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"kapflow/care/clock"
	"kapflow/desk"
)

// rehearsePage is a course file and what happens in it.
type rehearsePage struct {
	desk.CourseStory
	Text    string // as it was typed
	Asked   bool   // a course was to be played
	Quoted  string // the file's line that the fault is about
	Days    []storyDay
	Samples []desk.SampleCourse
	Chosen  string // the sample that is shown
	All     bool   // gates and tasks are open to read, and print
	Zone    clock.Zone
}

// storyDay is what happens on one day.
type storyDay struct {
	Day     string
	Moments []storyMoment
}

// storyMoment is what happens to one client at one time.
type storyMoment struct {
	At     time.Time
	Client string
	Told   []desk.StoryLine
	Behind []desk.StoryLine // gates and tasks, which are many
}

// showRehearse asks for a course file. One of the samples may be in it already.
func showRehearse(v *visitor) error {
	if _, err := v.site.Desk.RehearseCourse(v.r.Context(), v.who, nil); err != nil {
		return err
	}
	p := rehearsePage{Chosen: v.r.URL.Query().Get("sample")}
	for _, s := range v.site.Desk.SampleCourses() {
		if s.File == p.Chosen {
			p.Text = s.Text
		}
	}
	return v.showCourse(http.StatusOK, p)
}

// rehearse plays the course file that was typed or chosen, and shows it again with what happened.
func rehearse(v *visitor) error {
	p := rehearsePage{Asked: true}
	text, err := v.courseGiven()
	p.Text = string(text)
	switch {
	case err != nil:
		p.Fault = upperFirst(err.Error())
	case strings.TrimSpace(p.Text) == "":
		p.Fault = "Type a course, or choose a file or a sample"
	}
	if p.Fault != "" {
		text = nil
	}
	story, err := v.site.Desk.RehearseCourse(v.r.Context(), v.who, text)
	if err != nil {
		return err
	}
	if p.Fault == "" {
		p.CourseStory = story
	}
	if lines := strings.Split(p.Text, "\n"); p.Line > 0 && p.Line <= len(lines) {
		p.Quoted = strings.TrimSpace(lines[p.Line-1])
	}
	p.All, p.Days = v.r.PostFormValue("all") != "", storyDays(v.site.Desk.Zone, p.Lines)
	status := http.StatusOK
	if p.Fault != "" {
		status = http.StatusUnprocessableEntity
	}
	return v.showCourse(status, p)
}

// storyDays puts lines into days and moments.
func storyDays(zone clock.Zone, lines []desk.StoryLine) (days []storyDay) {
	for _, l := range lines {
		day := zone.Local(l.At).Format("Monday, January 2, 2006")
		if len(days) == 0 || days[len(days)-1].Day != day {
			days = append(days, storyDay{Day: day})
		}
		moments := &days[len(days)-1].Moments
		if n := len(*moments); n == 0 || !(*moments)[n-1].At.Equal(l.At) || (*moments)[n-1].Client != l.Client {
			*moments = append(*moments, storyMoment{At: l.At, Client: l.Client})
		}
		m := &(*moments)[len(*moments)-1]
		if l.Kind == "gate" || l.Kind == "task" {
			m.Behind = append(m.Behind, l)
		} else {
			m.Told = append(m.Told, l)
		}
	}
	return days
}

// courseGiven is the file that was given in, or else what was typed. The error is a sentence for people.
func (v *visitor) courseGiven() ([]byte, error) {
	if err := v.r.ParseForm(); err != nil {
		return nil, errTooLarge
	}
	if err := v.r.ParseMultipartForm(mostBody); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return nil, errTooLarge
	}
	if f := v.r.MultipartForm; f != nil && len(f.File["file"]) > 0 && f.File["file"][0].Size > 0 {
		return v.uploaded()
	}
	return []byte(v.r.PostFormValue("course")), nil
}

func (v *visitor) showCourse(status int, p rehearsePage) error {
	p.Samples, p.Zone = v.site.Desk.SampleCourses(), v.site.Desk.Zone
	v.write(status, page{Title: "Play a course", Template: "rehearse", Data: p})
	return nil
}
