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

// passCookie is the name of the cookie with a browser's pass. Browsers refuse a cookie with this prefix if another host
// or plain HTTP set it.
const passCookie = "__Host-visit"

// doorData is shown on the neutral page before the second factor.
type doorData struct {
	BirthDate bool // true if the practice has a date of birth
	PIN       bool // true if a PIN was agreed
	Code      bool // true if a code can be sent
	ByText    bool // true if the code is sent by text message, false if by email
	Sent      bool // true if a code was just sent
	Wrong     string
}

// door asks for the second factor. It shows nothing about the client or the link's purpose.
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
	d.PIN = contact.PIN != ""
	channel := v.Link.CodeChannel()
	d.ByText = channel == person.SMS
	d.Code = channel != "" && AddressOn(contact, channel) != "" && v.Chart.Consent(channel).Granted
	if !d.BirthDate && !d.PIN && !d.Code {
		if err := s.Links.NoteNoFactor(r.Context(), v.Link, s.Now()); err != nil {
			s.answerFault(w, r, err)
			return
		}
	}
	status := http.StatusOK
	if d.Wrong != "" {
		status = http.StatusForbidden
	}
	s.write(w, status, v, Content{Title: "Verify your identity", Template: "door", Data: d})
}

// AddressOn is where a client is reached on a channel; empty if they are not.
func AddressOn(contact person.Contact, channel person.Channel) string {
	switch channel {
	case person.SMS:
		return contact.Phone
	case person.Email:
		return contact.Email
	}
	return ""
}

// unlock checks the second factor. After the right answer it redirects to the link's own address.
func (s *Site) unlock(w http.ResponseWriter, r *http.Request, v *Visitor) {
	if err := r.ParseForm(); err != nil {
		s.door(w, r, v, "Something went wrong. Please try again.")
		return
	}
	given := message.SecondFactor{Code: digits(r.PostForm.Get("code")), PIN: digits(r.PostForm.Get("pin"))}
	if given.Code == "" && given.PIN == "" {
		given.BirthDate = birthDate(r.PostForm.Get("year"), r.PostForm.Get("month"), r.PostForm.Get("day"))
		if given.BirthDate == "" {
			s.door(w, r, v, "Please enter your full date of birth, the code or your PIN.") // does not count as a try
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
		s.door(w, r, v, "That does not match our records. Please try again, or call us.")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: passCookie, Value: pass, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/"+v.Token, http.StatusSeeOther)
}

// sendCode sends a code to the client, by the channel that the link did not come by.
func (s *Site) sendCode(w http.ResponseWriter, r *http.Request, v *Visitor) {
	if s.codes.OnLimit(w, r, "codes") {
		s.door(w, r, v, "We cannot send a code right now. Please call us.")
		return
	}
	err := s.Codes.SendCode(r.Context(), v.Token, v.Link, s.Now())
	if errors.Is(err, ErrNoCode) {
		s.door(w, r, v, "We cannot send a code right now. Please call us.")
		return
	}
	if err != nil {
		s.answerFault(w, r, err)
		return
	}
	http.Redirect(w, r, "/"+v.Token+"?sent=1", http.StatusSeeOther)
}

// leave ends the pass, for clients who use another person's phone.
func (s *Site) leave(w http.ResponseWriter, r *http.Request, v *Visitor) {
	if err := s.Links.EndLinkPasses(r.Context(), v.Token, false); err != nil {
		s.answerFault(w, r, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: passCookie, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: -1})
	s.write(w, http.StatusOK, nil, Content{Title: "Signed out", Template: "said", Data: said{Words: "You are signed out on this device."}})
}

// birthDate writes a date of birth as it is stored (2006-01-02), or "" if it is not a date.
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

// newForm makes the id of a form before it is shown.
func newForm() string { return rand.Text() }

// formID gives the prefix of report ids for a form. It is hashed, so that no input can name another person's report.
func formID(once string) string {
	if len(once) < 16 || len(once) > 40 || strings.Trim(once, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		once = rand.Text()
	}
	return "page-" + once + "-"
}
