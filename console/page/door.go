package page

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
)

// passCookie holds a browser's pass. The prefix has browsers refuse one that another host or plain HTTP set.
const passCookie = "__Host-visit"

// doorData is what the neutral page before the second factor shows.
type doorData struct {
	BirthDate bool // the practice holds one
	Code      bool // a code can be sent by text message
	Sent      bool // one was just sent
	Wrong     string
}

// door asks for the second factor. It says nothing about the client, and not what the link is for.
func (s *Site) door(w http.ResponseWriter, r *http.Request, v *Visitor, wrong string) {
	s.doorAfter(w, r, v, doorData{Wrong: wrong, Sent: r.URL.Query().Get("sent") != ""})
}

func (s *Site) doorAfter(w http.ResponseWriter, r *http.Request, v *Visitor, d doorData) {
	contact, err := s.Records.Contact(r.Context(), v.Link.ClientID)
	if err != nil {
		s.answerFault(w, r, err)
		return
	}
	d.BirthDate = contact.BirthDate != ""
	d.Code = contact.Phone != "" && v.Chart.Consent(person.SMS).Granted
	status := http.StatusOK
	if d.Wrong != "" {
		status = http.StatusForbidden
	}
	s.write(w, status, v, Content{Title: "Is it you?", Template: "door", Data: d})
}

// unlock takes the second factor. The right one leads back to the link's own address, by which the page is read.
func (s *Site) unlock(w http.ResponseWriter, r *http.Request, v *Visitor) {
	if err := r.ParseForm(); err != nil {
		s.door(w, r, v, "That did not arrive whole. Please try once more.")
		return
	}
	given := message.SecondFactor{Code: digits(r.PostForm.Get("code"))}
	if given.Code == "" {
		given.BirthDate = birthDate(r.PostForm.Get("year"), r.PostForm.Get("month"), r.PostForm.Get("day"))
		if given.BirthDate == "" {
			s.door(w, r, v, "Please fill in the day, the month and the year, or the code.") // no try is lost
			return
		}
	}
	pass, err := s.Links.UnlockLink(r.Context(), v.Token, given, s.Now())
	if err != nil {
		s.answerFault(w, r, err)
		return
	}
	if pass == "" {
		if err := s.audit(r.Context(), v, "page-denied", ""); err != nil {
			s.answerFault(w, r, err)
			return
		}
		if v.Link.TriesLeft <= 1 {
			s.locked(w)
			return
		}
		s.door(w, r, v, "That does not match what we have. Please try again, or call us.")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: passCookie, Value: pass, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/"+v.Token, http.StatusSeeOther)
}

// sendCode sends a code by text message to the number the practice holds.
func (s *Site) sendCode(w http.ResponseWriter, r *http.Request, v *Visitor) {
	err := s.Codes.SendCode(r.Context(), v.Token, v.Link, s.Now())
	if errors.Is(err, ErrNoCode) {
		s.door(w, r, v, "We cannot send a code now. Please call us.")
		return
	}
	if err != nil {
		s.answerFault(w, r, err)
		return
	}
	http.Redirect(w, r, "/"+v.Token+"?sent=1", http.StatusSeeOther)
}

// leave ends the pass, for who reads on somebody else's phone.
func (s *Site) leave(w http.ResponseWriter, r *http.Request, v *Visitor) {
	if err := s.Links.EndLinkPasses(r.Context(), v.Token, false); err != nil {
		s.answerFault(w, r, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: passCookie, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: -1})
	s.write(w, http.StatusOK, nil, Content{Title: "Closed", Template: "said", Data: said{Words: "This page is closed on this device."}})
}

// birthDate writes a date of birth as it is kept (2006-01-02), or "" when it is no date.
func birthDate(year, month, day string) string {
	pad := func(text string) string {
		text = digits(text)
		if len(text) == 1 {
			return "0" + text
		}
		return text
	}
	text := digits(year) + "-" + pad(month) + "-" + pad(day)
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return ""
	}
	return text
}

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// newForm makes the id of a form that is about to be shown.
func newForm() string { return rand.Text() }

// formID gives the prefix of report ids for a form that was sent. Whatever a browser sends, it names no report that
// somebody else made.
func formID(once string) string {
	if len(once) < 16 || len(once) > 40 || strings.Trim(once, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		once = rand.Text()
	}
	return "page-" + once + "-"
}
