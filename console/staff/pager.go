package staff

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// pager is a part of a long list: rows From to, not including, To of All.
type pager struct {
	From, To, All int
	Newer, Older  string // addresses; empty at the ends
}

// pageRows is how many rows of a long list a page shows.
const pageRows = 50

// First is the number of the first row, as people count.
func (p pager) First() int { return min(p.From+1, p.All) }

// pager reads from the address which part of a list is asked for. A number that makes no sense shows the beginning.
func (v *visitor) pager(all int) pager {
	asked := v.r.URL.Query()
	from, _ := strconv.Atoi(asked.Get("from"))
	if from < 0 || from >= all {
		from = 0
	}
	p := pager{From: from, To: min(from+pageRows, all), All: all}
	link := func(n int) string {
		q := url.Values{}
		for name, values := range asked {
			q[name] = values
		}
		q.Set("from", strconv.Itoa(n))
		return v.r.URL.Path + "?" + q.Encode()
	}
	if from > 0 {
		p.Newer = link(max(0, from-pageRows))
	}
	if p.To < all {
		p.Older = link(p.To)
	}
	return p
}

// actionWords say what somebody did who stands in the audit log.
var actionWords = map[access.Action]string{
	access.Record: "Recorded a fact", access.Preview: "Asked what recording a fact would change", access.ReadRecord: "Looked at the record", access.ReadMessages: "Looked at the messages",
	access.ReadMeasures: "Looked at the scores", access.ReadBilling: "Looked at the account", access.GiveDocument: "Looked at or gave documents", access.ReadAudit: "Looked at this list",
	access.ChangeBilling: "Changed billing details", access.Export: "Exported the record", access.ExportFull: "Exported the record with all notes", access.AllowExport: "Allowed an export",
	access.Restart: "Restarted the journey", access.AskInsurer: "Asked the insurer",
}

// accessRowOf says a row of the audit log in words.
func accessRowOf(e care.AuditEvent, people map[string]string) accessRow {
	what, refused := strings.CutSuffix(e.Action, "-refused")
	row := accessRow{At: e.At, Who: whoIs(people, e.By), Role: roleBeside(e.By.Role), What: cmp.Or(actionWords[access.Action(what)], wording.Title(what)), Refused: refused}
	var detail map[string]string
	if json.Unmarshal(e.Detail, &detail) != nil {
		return row
	}
	var how []string
	if kind, ok := care.KindNamed(detail["fact"]); ok {
		how = append(how, kind.Title())
	}
	if reason := detail["emergency"]; reason != "" {
		how = append(how, "emergency access: "+reason)
	}
	if via := detail["via"]; via != "" && via != "session" {
		how = append(how, via)
	}
	row.How = strings.Join(how, "; ")
	return row
}

// whoIs names who did something: a person of the practice by name, the client, or a machine.
func whoIs(people map[string]string, by person.Actor) string {
	switch by.Role {
	case person.Client:
		return "The client"
	case person.Provider:
		return "A message provider"
	case person.System:
		return "Kapflow"
	}
	return cmp.Or(people[by.ID], by.ID)
}

// roleBeside is the role that stands beside a name; nothing where the name says it.
func roleBeside(role person.Role) string {
	if role == person.Client || role == person.Provider || role == person.System {
		return ""
	}
	return string(role)
}
