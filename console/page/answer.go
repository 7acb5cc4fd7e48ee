package page

import (
	"context"
	"strings"

	"kapflow/care/message"
)

// answerPage shows what staff wrote back to something that the client wrote.
func answerPage() Page {
	return Page{Show: func(ctx context.Context, v *Visitor) (Content, error) {
		a := v.Chart.StaffAnswer(v.Link.About)
		if a == nil || !a.BehindLink {
			return Content{}, message.ErrNoLink
		}
		words, found, err := v.site.Records.Reveal(ctx, v.Link.ClientID, a.Text)
		if err != nil {
			return Content{}, err
		}
		if !found {
			return Content{}, message.ErrNoLink
		}
		return Content{Title: "Our answer", Template: "answer", Data: map[string]any{
			"Lines": strings.Split(words, "\n"), "Day": v.Chart.ClientZone.DayFrom(a.At, v.Now)}}, nil
	}}
}
