package page

import (
	"context"
	"encoding/hex"
	"net/http"

	"kapflow/care"
	"kapflow/care/message"
)

// feesPage shows the estimate that the client was given, and leads to the paper itself.
func feesPage() Page {
	return Page{Show: func(ctx context.Context, v *Visitor) (Content, error) {
		e := v.Chart.Estimate
		if e == nil {
			return Content{}, message.ErrNoLink
		}
		paper, err := v.estimate(ctx)
		if err != nil {
			return Content{}, err
		}
		return Content{Title: "Your estimate is ready", Template: "fees", Data: map[string]any{
			"Number": e.Number, "Total": e.Total.String(), "Day": v.Chart.Zone.Day(e.At), "IssuedDocument": paper != nil}}, nil
	}}
}

// estimate is the paper of the estimate that counts now, known by its hash; nil when it was given out another way.
func (v *Visitor) estimate(ctx context.Context) (*care.IssuedDocument, error) {
	if v.Chart.Estimate == nil || v.Link.Purpose != message.LinkFees {
		return nil, nil
	}
	papers, err := v.site.Records.IssuedDocuments(ctx, v.Link.ClientID)
	if err != nil {
		return nil, err
	}
	for i := range papers {
		if papers[i].Kind == "estimate" && hex.EncodeToString(papers[i].HTMLSHA256) == v.Chart.Estimate.Hash {
			return &papers[i], nil
		}
	}
	return nil, nil
}

// estimate serves the estimate as it was handed out.
func (s *Site) estimate(w http.ResponseWriter, r *http.Request, v *Visitor) {
	paper, err := v.estimate(r.Context())
	if err != nil {
		s.answerFault(w, r, err)
		return
	}
	if paper == nil {
		s.gone(w)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="estimate.pdf"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(paper.PDF) // a browser that went away needs no answer
}
