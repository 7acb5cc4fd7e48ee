package page

import (
	"context"

	"kapflow/care"
)

// prepareData are the numbers of the preparation instructions, as the client's course has them.
type prepareData struct{ SolidsHours, LiquidHours int }

// instructionsPage is the page of an infusion that comes near: how to prepare, and the visit.
func instructionsPage() Page {
	p := visitPage()
	visitOnly := p.Show
	p.Show = func(ctx context.Context, v *Visitor) (Content, error) {
		content, err := visitOnly(ctx, v)
		if data, ok := content.Data.(visitData); ok {
			in := v.Chart.Policy.Infusions
			data.Prepare = &prepareData{SolidsHours: in.FastingSolidsHours, LiquidHours: in.FastingLiquidHours}
			content.Title, content.Data = "Please prepare for your visit", data
		}
		return content, err
	}
	return p
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
