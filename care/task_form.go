package care

import (
	"slices"

	"kapflow/care/money"
	"kapflow/care/visit"
)

// TaskForm is a form in which a task is done: its fact, and a field of it with the value that is filled in; no field if nothing is.
type TaskForm struct{ Fact, Field, Value string }

// taskForm is a row of taskForms. The field gets what the task is about if value is nil.
type taskForm struct {
	fact, field string
	value       func(Task) string
}

// taskForms has the tasks that one form does. Issues need no row, since each can be marked as settled. Other tasks are done in one of several
// ways, some of them on the page of a visit.
var taskForms = map[string]taskForm{
	"screen":                            {fact: "screening-recorded"},
	"decide-flag":                       {fact: "flag-decided", field: "flag"},
	"release-hold":                      {fact: "hold-released"},
	"enter-coverage":                    {fact: "coverage-entered"},
	"review-coverage":                   {fact: "coverage-reviewed"},
	"contact-insurer":                   {fact: "insurer-contacted"},
	"discuss-fees":                      {fact: "fees-discussed"},
	"choose-package":                    {fact: "package-chosen"},
	"issue-estimate":                    {fact: "estimate-issued"},
	"warn-estimate":                     {fact: "estimate-issued"},
	"book-" + string(visit.Evaluation):  {"appointment-booked", "kind", fixed(string(visit.Evaluation))},
	"book-" + string(visit.Preparation): {"appointment-booked", "kind", fixed(string(visit.Preparation))},
	"book-" + string(visit.Consult):     {"appointment-booked", "kind", fixed(string(visit.Consult))},
	"book-" + string(visit.Infusion):    {"appointment-booked", "kind", fixed(string(visit.Infusion))},
	"book-" + string(visit.Integration): {"appointment-booked", "kind", fixed(string(visit.Integration))},
	"rebook":                            {"appointment-booked", "kind", kindOfVisit},
	"confirm-infusion":                  {fact: "appointment-confirmed", field: fieldAppointment},
	"give-education":                    {fact: "education-given"},
	"sign-consent":                      {fact: "consent-signed"},
	"order-labs":                        {fact: "labs-ordered"},
	"chase-labs":                        {fact: "labs-resulted"},
	"review-labs":                       {fact: "labs-reviewed"},
	"order-dose":                        {fact: "dose-ordered"},
	taskReadiness:                       {fact: "readiness-answered", field: fieldAppointment},
	taskRecordDrug:                      {fact: "drug-given", field: fieldAppointment},
	"discharge":                         {fact: "client-discharged", field: fieldAppointment},
	"take-measures":                     {fact: "check-in-answered", field: "check_in"},
	"call-client":                       {fact: "check-in-answered", field: "check_in"},
	"reach-client":                      {fact: "check-in-answered", field: "check_in"},
	"assess-risk":                       {fact: "risk-assessed"},
	"call-client-now":                   {fact: "alert-acknowledged", field: "alert"},
	"reach-clinician":                   {fact: "alert-acknowledged", field: "alert"},
	TaskReadReply:                       {fact: "reply-answered", field: "reply"},
	"end-pause":                         {fact: "resumed"},
	"complete-course":                   {fact: "course-completed"},
	"collect-payment":                   {"payment-received", "fee_set", fixed(string(money.Medical))},
	"settle-balance":                    {fact: "payment-received", field: "fee_set"},
	"claim-variance":                    {fact: "claim-recorded", field: fieldAppointment},
	"chase-claim":                       {fact: "claim-recorded", field: fieldAppointment},
	"settle-dispute":                    {fact: "payment-corrected", field: "key"},
	"approve-refund":                    {fact: "refund-approved", field: "fee_set"},
	"second-approval":                   {fact: "refund-approved", field: "key"},
	"pay-refund":                        {fact: "refund-paid", field: "key"},
}

func fixed(value string) func(Task) string { return func(Task) string { return value } }

// kindOfVisit gives the kind of the visit that a task is about: "infusion" of infusion-3.
func kindOfVisit(t Task) string {
	kind, _, _ := cutNumber(t.About)
	return kind
}

// Forms gives the forms in which the task is done, the usual one first; none if no form alone does it.
func (t Task) Forms() (out []TaskForm) {
	if row, has := taskForms[t.Task]; has {
		f := TaskForm{Fact: row.fact, Field: row.field}
		switch {
		case row.value != nil:
			f.Value = row.value(t)
		case row.field != "":
			f.Value = t.About
		}
		out = append(out, f)
	}
	if _, issue := issueWords[t.Task]; issue {
		out = append(out, TaskForm{"alert-acknowledged", "alert", t.ID()})
	}
	return out
}

// OnVisit says whether the task is about a visit whose page offers the ways to do it.
func (t Task) OnVisit() bool {
	return slices.Contains([]string{"settle-hold", "record-outcome", taskChangeRequest}, t.Task)
}
