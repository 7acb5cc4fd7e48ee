package page

import (
	"context"
	"net/url"

	"kapflow/care"
)

// prepareData are the numbers of the preparation instructions, as the client's course has them.
type prepareData struct{ SolidsHours, LiquidHours int }

// instructionsPage is the page of an infusion that comes near: how to prepare, and the visit.
func instructionsPage() Page {
	p := visitPage()
	p.Show = func(_ context.Context, v *Visitor) (Content, error) {
		visit := v.Chart.Visit(v.Link.About)
		if visit == nil {
			return Content{}, care.ErrNoLink
		}
		return instructions(v, visit, url.Values{}, nil), nil
	}
	p.Actions["readiness"] = answerReadiness
	return p
}

// instructions shows how to prepare, and asks whether the client does.
func instructions(v *Visitor, visit *care.Visit, typed url.Values, faults []fault) Content {
	data, in := showVisit(v, visit), v.Chart.Policy.Infusions
	data.Prepare = &prepareData{SolidsHours: in.FastingSolidsHours, LiquidHours: in.FastingLiquidHours}
	data.Readiness = readiness(v, visit, typed, faults)
	return Content{Title: "Please prepare for your visit", Template: "visit", Data: data}
}

// aftercarePage says what to mind on the day of an infusion and the next.
func aftercarePage() Page {
	return Page{Show: func(_ context.Context, v *Visitor) (Content, error) {
		if v.Chart.Visit(v.Link.About) == nil {
			return Content{}, care.ErrNoLink
		}
		return Content{Title: "Today and tomorrow", Template: "aftercare"}, nil
	}}
}

// feesPage shows the estimate that the client was given.
func feesPage() Page {
	return Page{Show: func(_ context.Context, v *Visitor) (Content, error) {
		e := v.Chart.Estimate
		if e == nil {
			return Content{}, care.ErrNoLink
		}
		return Content{Title: "Your estimate is ready", Template: "fees", Data: map[string]string{"Number": e.Number, "Total": e.Total.String(), "Day": v.Chart.Zone.Day(e.At)}}, nil
	}}
}
