package access

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// Via says how somebody was verified. The audit log keeps it.
type Via string

// The ways to be verified.
const (
	ViaSession   Via = "session"       // signed in to the console
	ViaOperator  Via = "command line"  // an operating-system user whom the operators file maps to a person
	ViaFeed      Via = "calendar feed" // the secret of their calendar feed, which opens that and nothing else
	ViaRehearsal Via = "rehearsal"     // a sample person of a course, a demo or a test
	ViaMachine   Via = ""              // the client's link, a provider's signature, or Kapflow itself
)

// Person is somebody who asks for something: who they are, in which roles, and how we know. The zero Person is nobody and may
// do nothing.
type Person struct {
	id        string
	roles     []person.Role // that the practice file gives them
	claim     person.Role   // the one role in which they ask; empty: the role that is needed
	via       Via
	login     string // the operating-system user
	fresh     bool   // signed in within minutes
	emergency Emergency
}

// Emergency is the use of access that somebody's roles do not give. It has a reason and lasts an hour.
type Emergency struct {
	Reason string
	Since  time.Time
}

// EmergencyLasts is how long emergency access lasts.
const EmergencyLasts = time.Hour

// Open says whether emergency access was taken and still lasts.
func (e Emergency) Open(now time.Time) bool {
	return strings.TrimSpace(e.Reason) != "" && !now.Before(e.Since) && now.Sub(e.Since) < EmergencyLasts
}

// Session is what a verified session of the console says of its person.
type Session struct {
	ID        string // in the practice file
	Fresh     bool   // signed in so lately that grave acts are allowed
	Emergency Emergency
}

// FromSession is the person of a verified session. The error is a *care.Refusal if the practice file does not list them any
// more: somebody who left is out at once.
func FromSession(staff policy.Policy, s Session) (Person, error) {
	m, err := listed(staff, s.ID)
	if err != nil {
		return Person{}, err
	}
	return Person{id: m.ID, roles: m.Roles, via: ViaSession, fresh: s.Fresh, emergency: s.Emergency}, nil
}

// FromFeed is the person of a calendar feed whose secret somebody knows. The error is a *care.Refusal if the practice file does not list
// them any more.
func FromFeed(staff policy.Policy, f person.Feed) (Person, error) {
	m, err := listed(staff, f.Person)
	if err != nil {
		return Person{}, err
	}
	return Person{id: m.ID, roles: m.Roles, via: ViaFeed}, nil
}

// FromRehearsal is a person of a course, a demo or a test, who acts in the role that they name; without one, in the role that is
// needed. Roles are held against the practice file like everybody's, when they act. A practice file that lists nobody for
// a role outside of treatment (one from before the setting staff) has a stand-in for it here.
func FromRehearsal(staff policy.Policy, as person.Actor) Person {
	if slices.Contains([]person.Role{person.Client, person.Provider, person.System}, as.Role) {
		p := machine(as.ID, as.Role)
		p.via = ViaRehearsal
		return p
	}
	m, _ := staff.Member(as.ID)
	p := Person{id: as.ID, roles: m.Roles, claim: as.Role, via: ViaRehearsal, fresh: true}
	if !as.Role.Clinical() && slices.Contains(person.StaffRoles(), as.Role) && len(staff.Holding(as.Role)) == 0 {
		p.roles = append(slices.Clone(p.roles), as.Role)
	}
	return p
}

// FromLink is a client who opened the link of a message.
func FromLink(clientID string) Person { return machine(clientID, person.Client) }

// FromProvider is a message provider whose signature was checked.
func FromProvider(name string) Person { return machine(name, person.Provider) }

// FromSystem is a part of Kapflow that acts for itself, such as a worker.
func FromSystem(part string) Person { return machine(part, person.System) }

func machine(id string, role person.Role) Person {
	return Person{id: id, roles: []person.Role{role}, claim: role, via: ViaMachine}
}

// listed finds somebody in the practice file.
func listed(staff policy.Policy, id string) (policy.Member, error) {
	if m, ok := staff.Member(id); ok && len(m.Roles) > 0 {
		return m, nil
	}
	return policy.Member{}, care.Refuse("sign-in", care.CodeNotYourRole, fmt.Sprintf("the practice file lists nobody with the id %q; add the person to staff, with their roles", id), "")
}

// ID is the person's id in the practice file, or the machine's.
func (p Person) ID() string { return p.id }

// Roles lists the roles that a person holds.
func (p Person) Roles() []person.Role { return slices.Clone(p.roles) }

// Via says how the person was verified.
func (p Person) Via() Via { return p.via }

// Login is the operating-system user who acts for the person; empty outside of the command line.
func (p Person) Login() string { return p.login }

// Emergency gives the reason of emergency access that lasts now.
func (p Person) Emergency(now time.Time) (reason string, ok bool) {
	return p.emergency.Reason, p.emergency.Open(now)
}

// ActsAs chooses in which of several roles a person acts: the first of them that they hold, in the order in which the rule names
// them. Whoever asked in one role acts in no other.
func (p Person) ActsAs(allowed []person.Role) (person.Actor, bool) {
	for _, role := range allowed {
		if slices.Contains(p.roles, role) && (p.claim == "" || p.claim == role) {
			return person.Actor{ID: p.id, Role: role}, true
		}
	}
	return p.Actor(), false
}

// Actor is who the audit log names for a person who may not act: in the role in which they asked, or else their first.
func (p Person) Actor() person.Actor {
	a := person.Actor{ID: p.id, Role: p.claim}
	if a.ID == "" {
		a.ID = "nobody"
	}
	if a.Role == "" && len(p.roles) > 0 {
		a.Role = p.roles[0]
	}
	return a
}

// MayAskAbout says whether a person may ask about a client at all: whoever opened a link acts for the client of that link only.
func (p Person) MayAskAbout(clientID string) bool {
	return p.via != ViaMachine || p.claim != person.Client || p.id == clientID
}

// holdsClaim says whether the practice file gives the person the role in which they ask.
func (p Person) holdsClaim() bool { return p.claim == "" || slices.Contains(p.roles, p.claim) }
