package staff

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// accessPage is who looked at a record.
type accessPage struct {
	Head  clientHead
	Rows  []accessRow
	Pager pager
	Zone  clock.Zone
}

// accessRow is one row of the audit log in words.
type accessRow struct {
	At      time.Time
	Who     string
	Role    string
	What    string
	How     string // detail: the reason of emergency access, or that it was not the console
	Refused bool
}

// clientAccess shows who looked at a client's record, changed it or was refused.
func clientAccess(v *visitor) error {
	id := v.r.PathValue("client")
	looks, err := v.site.Desk.AccessLog(v.r.Context(), v.who, id)
	if err != nil {
		return err
	}
	events := looks.Events
	p := accessPage{Head: v.head(id, looks.Name, "/access"), Zone: v.site.Desk.Zone, Pager: v.pager(len(events))}
	people := v.site.people()
	for i := len(events) - 1 - p.Pager.From; i > len(events)-1-p.Pager.To; i-- {
		p.Rows = append(p.Rows, accessRowOf(events[i], people))
	}
	return v.show(page{Title: "Who looked", Template: "access", Data: p})
}

// What clients' own pages write into the audit log.
const (
	pageRead   access.Action = "page-read"
	pageDenied access.Action = "page-denied"
)

// actionWords say what somebody did who stands in the audit log. Most rows of a client are of the first ones; a denial may be of any.
var actionWords = map[access.Action]string{
	access.Record: "Recorded", access.Preview: "Looked at what would happen with", access.KeepDraft: "Saved a draft of", access.ReadRecord: "Looked at the record",
	access.ReadMessages: "Looked at the messages", access.ReadMeasures: "Looked at the scores", access.ReadBilling: "Looked at the account", access.GiveDocument: "Looked at or gave documents",
	access.ReadAudit: "Looked at this list", access.ChangeBilling: "Changed billing details", access.Export: "Exported the record", access.ExportFull: "Exported the record with all notes",
	access.AllowExport: "Allowed an export", access.Restart: "Restarted the journey", access.AskInsurer: "Asked the insurer", access.AssignReply: "Said whose words a text has",
	access.EndWorklist: "Took a message off the list", access.Erase: "Erased the record", access.ReadPrices: "Looked at the prices", access.SealAgain: "Sealed the record under a new key",
	access.Upgrade: "Upgraded the journey", pageRead: "Opened a page of their own", pageDenied: "Gave a wrong answer at the door of a page",
	access.ReadBoard: "Looked at the board", access.ReadCalendar: "Looked at the calendar", access.ReadMoney: "Looked at what clients owe", access.ReadDay: "Looked at a day",
	access.ReadInbox: "Looked at the inbox", access.Find: "Searched", access.ReadLedger: "Looked at the books", access.ExportLedger: "Exported the books", access.ReadOutcomes: "Looked at the reports",
	access.ReadPractice: "Looked at the settings", access.CheckPractice: "Checked a practice file", access.RehearseCourse: "Played a course file", access.SignIn: "Signed in", access.SignOut: "Signed out",
	access.EndOwn: "Ended their own sessions", access.EndSessions: "Ended another person’s sessions", access.AddPasskey: "Added a passkey", access.RemovePasskey: "Removed a passkey",
	access.ReadPasskeys: "Looked at their passkeys", access.Invite: "Invited a person", access.ReadStaff: "Looked at who works here", access.MakeFeed: "Made a calendar link",
	access.EndFeed: "Ended a calendar link", access.SeeFeed: "Looked whether there is a calendar link", access.ReadFeed: "Read the calendar by its link", access.Decode: "Read what Temporal holds",
	access.UseEmergency: "Took emergency access",
}

// accessRowOf says a row of the audit log in words.
func accessRowOf(e care.AuditEvent, people map[string]string) accessRow {
	what, refused := strings.CutSuffix(e.Action, "-refused")
	row := accessRow{At: e.At, Who: whoIs(people, e.By), Role: roleBeside(e.By.Role), What: cmp.Or(actionWords[access.Action(what)], wording.Title(what)), Refused: refused}
	var detail map[string]string
	if json.Unmarshal(e.Detail, &detail) != nil {
		return row
	}
	if kind, ok := care.KindNamed(detail["fact"]); ok {
		row.What += " “" + kind.Title() + "”"
	}
	var how []string
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
