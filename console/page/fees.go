package page

import (
	"context"
	"encoding/hex"
	"net/http"

	"kapflow/care"
	"kapflow/care/message"
)

// feesPage shows the estimate that the client was given, with a link to the document.
func feesPage() Page {
	return Page{Show: func(ctx context.Context, v *Visitor) (Content, error) {
		e := v.Chart.Estimate
		if e == nil {
			return Content{}, message.ErrNoLink
		}
		document, err := v.estimate(ctx)
		if err != nil {
			return Content{}, err
		}
		return Content{Title: "Your estimate is ready", Template: "fees", Data: map[string]any{
			"Number": e.Number, "Total": e.Total.String(), "Day": v.Chart.Zone.DayFrom(e.At, v.Now), "Document": document != nil}}, nil
	}}
}

// estimate gives the document of the current estimate, found by its hash. It is nil if the estimate was given in
// another way.
func (v *Visitor) estimate(ctx context.Context) (*care.IssuedDocument, error) {
	if v.Chart.Estimate == nil || v.Link.Purpose != message.LinkFees {
		return nil, nil
	}
	documents, err := v.site.Records.IssuedDocuments(ctx, v.Link.ClientID)
	if err != nil {
		return nil, err
	}
	for i := range documents {
		if documents[i].Kind == "estimate" && hex.EncodeToString(documents[i].HTMLSHA256) == v.Chart.Estimate.Hash {
			return &documents[i], nil
		}
	}
	return nil, nil
}

// estimate serves the estimate as it was issued.
func (s *Site) estimate(w http.ResponseWriter, r *http.Request, v *Visitor) {
	document, err := v.estimate(r.Context())
	if err != nil {
		s.answerFault(w, r, err)
		return
	}
	if document == nil {
		s.gone(w)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="estimate.pdf"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(document.PDF) // a write error means that the browser is gone
}
