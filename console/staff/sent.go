package staff

import (
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/record"
)

// messagesPage is every message of a client.
type messagesPage struct {
	Head   clientHead
	Sent   []care.Message
	Coming []record.MessageTurn
	Pager  pager
	Zone   clock.Zone
}

// clientMessages shows what was sent and whether it arrived, and what is ahead with the reason if it will not go.
func clientMessages(v *visitor) error {
	m, err := v.site.Desk.ReadMessages(v.r.Context(), v.who, v.r.PathValue("client"))
	if err != nil {
		return err
	}
	p := messagesPage{Head: v.head(m.Client, m.Name, "/messages"), Coming: m.Coming, Zone: m.Zone, Pager: v.pager(len(m.Sent))}
	p.Sent = m.Sent[p.Pager.From:p.Pager.To]
	return v.show(page{Title: "Messages", Template: "messages", Data: p})
}

// stateTone is how a delivery's state is marked: good, bad, or warn where nobody knows.
func stateTone(s message.State) string {
	switch s.Result() {
	case message.ResultSent:
		return "good"
	case message.ResultFailed:
		return "bad"
	case message.ResultUnknown:
		return "warn"
	}
	return ""
}

// papersPage lists the documents that a client was given.
type papersPage struct {
	Head      clientHead
	Documents []care.IssuedDocument
	Zone      clock.Zone
	People    map[string]string
}

// papers lists the documents, each with its PDF.
func papers(v *visitor) error {
	read, err := v.site.Desk.ReadPapers(v.r.Context(), v.who, v.r.PathValue("client"))
	if err != nil {
		return err
	}
	return v.show(page{Title: "Documents", Template: "papers", Data: papersPage{v.head(read.Client, read.Name, "/papers"), read.Documents, read.Zone, v.site.people()}})
}

// paper gives the PDF of one document, exactly as the client was given it.
func paper(v *visitor) error {
	p, err := v.site.Desk.ReadPaper(v.r.Context(), v.who, v.r.PathValue("client"), v.r.PathValue("paper"))
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", `attachment; filename="`+safeName(p.Kind+"-"+p.Number)+`.pdf"`)
	_, err = v.w.Write(p.PDF)
	return err
}

// safeName keeps letters, digits, points and hyphens of a file's name.
func safeName(name string) string {
	out := []byte(name)
	for i, b := range out {
		if b != '-' && b != '.' && (b < '0' || b > '9') && (b < 'A' || b > 'Z') && (b < 'a' || b > 'z') {
			out[i] = '_'
		}
	}
	return string(out)
}
