package page

import (
	"context"
	"net/url"
	"strconv"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/wording"
)

// text gives one of the practice's own texts, with the numbers of the client's course.
func (v *Visitor) text(name string) (*wording.PageText, error) {
	in := v.Chart.Policy.Infusions
	text, err := v.site.Texts.Page(name, map[string]string{"Phone": v.site.Practice.Practice.Phone,
		"Solids": strconv.Itoa(in.FastingSolidsHours), "Liquids": strconv.Itoa(in.FastingLiquidHours)})
	return &text, err
}

// instructionsPage is the page before an infusion: how to prepare, and the visit.
func instructionsPage() Page {
	p := visitPage()
	p.Show = func(_ context.Context, v *Visitor) (Content, error) {
		visit := v.Chart.Visit(v.Link.About)
		if visit == nil {
			return Content{}, message.ErrNoLink
		}
		return instructions(v, visit, url.Values{}, nil)
	}
	p.Actions["readiness"] = answerReadiness
	return p
}

// instructions shows how to prepare and asks whether the client will.
func instructions(v *Visitor, visit *care.Visit, typed url.Values, faults []fault) (Content, error) {
	data := showVisit(v, visit)
	var err error
	data.Prepare, err = v.text(wording.PagePrepare)
	data.Readiness = readiness(v, visit, typed, faults)
	return Content{Title: "Please prepare for your visit", Template: "visit", Data: data}, err
}

// aftercarePage tells what to do and avoid on the day of an infusion and the next.
func aftercarePage() Page {
	return Page{Show: func(_ context.Context, v *Visitor) (Content, error) {
		if v.Chart.Visit(v.Link.About) == nil {
			return Content{}, message.ErrNoLink
		}
		text, err := v.text(wording.PageAftercare)
		return Content{Title: "Today and tomorrow", Template: "aftercare", Data: text}, err
	}}
}
