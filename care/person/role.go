// Package person names the people that Kapflow deals with: the roles of a practice, who acts in one, and the channels by which
// somebody is reached.
package person

import (
	"slices"
	"strings"

	"kapflow/care/wording"
)

// Role says in which capacity somebody reports a fact, owes a task or receives a message.
type Role string

// The roles of a practice. A course file or a command line may also use the short forms of RoleNamed.
const (
	Coordinator     Role = "coordinator"
	Psychotherapist Role = "psychotherapist"
	Physician       Role = "physician"
	Nurse           Role = "nurse"
	Accountant      Role = "accountant" // of the books; records no clinical fact
	Owner           Role = "owner"      // of the practice; records no clinical fact
	Client          Role = "client"
	Provider        Role = "provider" // a message provider's webhook
	System          Role = "system"   // Kapflow itself
)

// Roles lists every role, in the order in which they are shown.
func Roles() []Role {
	return append(StaffRoles(), Client, Provider, System)
}

// StaffRoles lists the roles that people of a practice hold, in the order in which they are shown.
func StaffRoles() []Role {
	return []Role{Coordinator, Psychotherapist, Physician, Nurse, Accountant, Owner}
}

// Clinical says whether a role treats clients. Only a clinician of the practice file holds such a role.
func (r Role) Clinical() bool { return r == Psychotherapist || r == Physician || r == Nurse }

// One names somebody in a role: "a nurse", "an owner".
func (r Role) One() string {
	if r == Accountant || r == Owner {
		return "an " + string(r)
	}
	return "a " + string(r)
}

var roleShort = []struct {
	short string
	role  Role
}{{"coord", Coordinator}, {"psych", Psychotherapist}, {"phys", Physician}, {"staff", Coordinator}}

// RoleNamed reads a role from its full or short name (coord, psych, phys, staff).
func RoleNamed(name string) (Role, bool) {
	if slices.Contains(Roles(), Role(name)) {
		return Role(name), true
	}
	for _, s := range roleShort {
		if s.short == name {
			return s.role, true
		}
	}
	return "", false
}

// Actor is who reported a fact: an opaque staff or client id, and the role it was done in. The id is
// never a person's name: it is stored with every fact and shown in the Temporal UI.
type Actor struct {
	ID   string `json:"id"`
	Role Role   `json:"role"`
}

// Is says whether an actor is the person with an id, in whatever role and however it is written: two people have two ids.
func (a Actor) Is(id string) bool {
	return strings.EqualFold(strings.TrimSpace(a.ID), strings.TrimSpace(id))
}

// JoinRoles writes roles as people do: "coordinator, psychotherapist or physician".
func JoinRoles(roles []Role) string {
	return wording.JoinWords(roles, "or")
}
