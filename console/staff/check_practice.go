package staff

import (
	"net/http"

	"kapflow/desk"
)

// checkPage is what a practice file that is not in force would change.
type checkPage struct {
	desk.PolicyCheck
	Checked bool   // a file was given
	Fault   string // why it could not be read
}

// showCheckPractice asks for a practice file.
func showCheckPractice(v *visitor) error {
	if _, err := v.site.Desk.CheckPractice(v.r.Context(), v.who, nil); err != nil {
		return err
	}
	return v.show(page{Title: "Check a practice file", Template: "check-practice", Data: checkPage{}})
}

// checkPractice says what is wrong with a practice file, or what it would change. Nothing takes effect.
func checkPractice(v *visitor) error {
	p := checkPage{Checked: true}
	text, err := v.uploaded()
	if err != nil {
		text, p.Fault = nil, upperFirst(err.Error())
	}
	if p.PolicyCheck, err = v.site.Desk.CheckPractice(v.r.Context(), v.who, text); err != nil {
		return err
	}
	status := http.StatusOK
	if p.Fault != "" || len(p.Faults) > 0 {
		status = http.StatusUnprocessableEntity
	}
	v.write(status, page{Title: "Check a practice file", Template: "check-practice", Data: p})
	return nil
}
