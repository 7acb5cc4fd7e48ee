package staff

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/money"
	"kapflow/care/wording"
	"kapflow/desk"
)

// monthsPage lists the months of the books.
type monthsPage struct{ Months []monthLine }

// monthLine is one month in the list.
type monthLine struct {
	Name, Words string // 2027-03 and March 2027
	Open, Over  bool
}

// months lists the months of the books, with those that are closed.
func months(v *visitor) error {
	list, err := v.site.Desk.Months(v.r.Context(), v.who)
	if err != nil {
		return err
	}
	var p monthsPage
	for _, m := range list {
		p.Months = append(p.Months, monthLine{m.Name, monthWords(m.Name), openMonth(m), m.Over})
	}
	return v.show(page{Title: "Months", Template: "months", Data: p})
}

// monthPage is one month of the books.
type monthPage struct {
	desk.Month
	Words    string
	Open     bool // it can be closed once it is over
	Exports  bool // the reader may close it and take the journals
	JustDone bool
	Zone     clock.Zone
	People   map[string]string
}

// month shows one month before it is closed, or as it was closed.
func month(v *visitor) error {
	m, err := v.site.Desk.ReadMonth(v.r.Context(), v.who, v.r.PathValue("month"))
	if err != nil {
		return err
	}
	return v.show(page{Title: "Month", Template: "month", Data: monthPage{Month: m, Words: monthWords(m.Name), Open: openMonth(m), Exports: v.may(access.ExportLedger),
		JustDone: v.r.URL.Query().Get("closed") != "", Zone: v.site.Desk.Zone, People: v.site.people()}})
}

// monthClosed closes a month, and leads to it. A month that is closed already stays as it is.
func monthClosed(v *visitor) error {
	name := v.r.PathValue("month")
	if _, err := v.site.Desk.CloseMonth(v.r.Context(), v.who, name); err != nil {
		return err
	}
	return v.seeOther("/money/months/" + name + "?closed=1")
}

// monthJournal gives a month of one fee set as a file for the accountant's program.
func monthJournal(v *visitor) error {
	name, set := v.r.PathValue("month"), money.FeeSet(v.r.PathValue("set"))
	if set != money.Medical && set != money.Psychotherapies {
		return care.Refuse("fee-set", care.CodeUnknownFact, "The books have two fee sets: medical and psychotherapy.", "")
	}
	journal, err := v.site.Desk.GiveJournal(v.r.Context(), v.who, name, set)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	v.w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", string(set)+"-"+name+".journal"))
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write(journal)
	return nil
}

// openMonth says whether the month of any fee set is not closed.
func openMonth(m desk.Month) bool {
	for _, s := range m.Sets {
		if s.Closed == nil {
			return true
		}
	}
	return false
}

// monthWords writes 2027-03 as March 2027.
func monthWords(name string) string {
	first, err := time.Parse("2006-01", name)
	if err != nil {
		return name
	}
	return first.Format("January 2006")
}

// accountWords writes an account of the books for people: deferred:visit as Deferred: visit.
func accountWords(id string) string {
	return wording.Title(strings.ReplaceAll(id, ":", ": "))
}
