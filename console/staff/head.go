package staff

import (
	"cmp"
	"net/url"

	"kapflow/access"
)

// clientHead stands above each page about one client.
type clientHead struct {
	ID   string
	Name string // the code for somebody who sees no names
	Tabs []tab
}

// tab is one page about a client.
type tab struct {
	Href  string
	Label string
	Here  bool
}

// clientTabs are the pages about a client, with the action that each needs.
var clientTabs = []struct {
	path, label string
	action      access.Action
}{
	{"", "Now", access.ReadRecord},
	{"/messages", "Messages", access.ReadMessages},
	{"/answers", "Scores", access.ReadMeasures},
	{"/money", "Money", access.ReadBilling},
	{"/papers", "Documents", access.GiveDocument},
	{"/history", "History", access.ReadRecord},
	{"/access", "Who looked", access.ReadAudit},
}

// firstTab is the first page about a client that the person may open, after the client's address; false if there is none.
func (v *visitor) firstTab() (path string, ok bool) {
	for _, t := range clientTabs {
		if v.may(t.action) {
			return t.path, true
		}
	}
	return "", false
}

// head makes the head of a page about a client. here is the page's path after the client's.
func (v *visitor) head(clientID, name, here string) clientHead {
	h := clientHead{ID: clientID, Name: cmp.Or(name, clientID)}
	if !v.sees(access.Names) {
		h.Name = clientID
	}
	for _, t := range clientTabs {
		if v.may(t.action) {
			h.Tabs = append(h.Tabs, tab{Href: "/c/" + url.PathEscape(clientID) + t.path, Label: t.label, Here: t.path == here})
		}
	}
	return h
}
