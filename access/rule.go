package access

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"kapflow/care"
	"kapflow/care/person"
)

// Action is something that people do, as the audit log names it. Wire names: never change one.
type Action string

// The actions. A denial is audited as the action with "-refused" after it.
const (
	Record         Action = "record"     // a fact; who may is in care's vocabulary
	Preview        Action = "preview"    // of recording a fact; who may record it may see what it would change
	KeepDraft      Action = "keep-draft" // of a form; who may record the fact may keep one
	ReadRecord     Action = "read-record"
	ReadBoard      Action = "read-board"
	ReadCalendar   Action = "read-calendar"
	ReadMoney      Action = "read-money" // what every client owes, and what the practice owes them
	ReadPrices     Action = "read-prices"
	ReadDay        Action = "read-day"
	ReadInbox      Action = "read-inbox"
	Find           Action = "find" // a client by name, phone or code
	ReadMeasures   Action = "read-measures"
	ReadMessages   Action = "read-messages"
	ReadBilling    Action = "read-billing"
	GiveDocument   Action = "give-document"
	ChangeBilling  Action = "change-billing"
	AskInsurer     Action = "ask-insurer"
	ReadLedger     Action = "read-ledger"
	ExportLedger   Action = "export-ledger"
	ReadOutcomes   Action = "read-outcomes"
	ReadAudit      Action = "read-audit"
	ReadPractice   Action = "read-practice"   // the settings in force, and who works here
	CheckPractice  Action = "check-practice"  // a practice file that is not in force
	RehearseCourse Action = "rehearse-course" // plays a course file, whose clients are nobody's
	EndWorklist    Action = "end-matter"
	AssignReply    Action = "assign-reply" // from a number that several clients share, to one of them or to nobody
	Export         Action = "export"
	ExportFull     Action = "export-full"
	AllowExport    Action = "export-allowed"
	Restart        Action = "restart"
	Erase          Action = "erase"
	SealAgain      Action = "seal-again" // under new keys, and seeing which keys are needed
	Upgrade        Action = "upgrade"
	SignIn         Action = "sign-in"
	SignOut        Action = "sign-out"
	EndOwn         Action = "end-own-sessions"
	EndSessions    Action = "end-sessions" // of somebody else
	AddPasskey     Action = "add-passkey"
	RemovePasskey  Action = "remove-passkey"
	ReadPasskeys   Action = "read-passkeys" // one's own
	Invite         Action = "invite"        // somebody to add a passkey
	ReadStaff      Action = "read-staff"
	MakeFeed       Action = "make-feed" // one's own calendar feed
	EndFeed        Action = "end-feed"
	SeeFeed        Action = "see-feed"         // whether one has a calendar feed
	ReadFeed       Action = "read-feed"        // by a calendar program, with the feed's secret
	Decode         Action = "decode"           // what Temporal holds, for its UI
	UseEmergency   Action = "emergency-access" // taking it; its use is in the rows of what it opened
)

// Rule says who may do something.
type Rule struct {
	Roles     []person.Role // somebody with several of them acts in the first
	Grave     bool          // needs a fresh sign-in
	Emergency bool          // open to everybody of the practice with emergency access

	about  string                          // what refusals name; empty: the action
	denies func(person.Role) *care.Refusal // the words for a role that may not; nil: the usual ones
}

const (
	coordinator = person.Coordinator
	psych       = person.Psychotherapist
	physician   = person.Physician
	nurse       = person.Nurse
	accountant  = person.Accountant
	owner       = person.Owner
)

// rules is the one table of what people may do besides recording facts. Clinicians come first where the role decides which
// private texts are shown. Accountants see no treatment, and nurses see no money.
var rules = map[Action]Rule{
	ReadRecord:     {Roles: []person.Role{psych, physician, nurse, coordinator}, Emergency: true},
	ReadBoard:      {Roles: []person.Role{coordinator, psych, physician, nurse}, Emergency: true},
	ReadCalendar:   {Roles: []person.Role{coordinator, psych, physician, nurse}},
	ReadMoney:      {Roles: []person.Role{coordinator, owner, accountant}},
	ReadPrices:     {Roles: []person.Role{coordinator, psych, physician, owner, accountant}},
	ReadDay:        {Roles: []person.Role{coordinator, psych, physician, nurse}},
	ReadInbox:      {Roles: []person.Role{coordinator, psych, physician, nurse}},
	Find:           {Roles: []person.Role{coordinator, psych, physician, nurse}},
	ReadMeasures:   {Roles: []person.Role{psych, physician, nurse}},
	ReadMessages:   {Roles: []person.Role{coordinator, psych, physician}},
	ReadBilling:    {Roles: []person.Role{coordinator, psych, physician, accountant}},
	GiveDocument:   {Roles: []person.Role{coordinator, psych, physician}},
	ChangeBilling:  {Roles: []person.Role{coordinator, person.Client}},
	AskInsurer:     {Roles: []person.Role{coordinator, psych}},
	ReadLedger:     {Roles: []person.Role{accountant, coordinator, owner}},
	ExportLedger:   {Roles: []person.Role{accountant, coordinator, owner}},
	ReadOutcomes:   {Roles: []person.Role{coordinator, psych, physician, owner}},
	ReadAudit:      {Roles: []person.Role{coordinator, psych, physician, owner}},
	ReadPractice:   {Roles: person.StaffRoles()},
	CheckPractice:  {Roles: []person.Role{owner, coordinator, physician}},
	RehearseCourse: {Roles: []person.Role{owner, coordinator, physician}},
	EndWorklist:    {Roles: []person.Role{coordinator}},
	AssignReply:    {Roles: []person.Role{coordinator, psych, physician}},
	Export:         {Roles: []person.Role{psych, physician, coordinator}, Grave: true},
	ExportFull:     {Roles: []person.Role{psych, physician, coordinator}, Grave: true},
	AllowExport:    {Roles: []person.Role{psych}, Grave: true},
	Restart:        {Roles: []person.Role{coordinator, owner, psych, physician, person.System, person.Provider}},
	Upgrade:        {Roles: []person.Role{owner, coordinator}},
	Erase:          {Roles: []person.Role{owner}, Grave: true},
	SealAgain:      {Roles: []person.Role{owner, coordinator}},
	SignIn:         {Roles: person.StaffRoles()},
	SignOut:        {Roles: person.StaffRoles()},
	EndOwn:         {Roles: person.StaffRoles()},
	EndSessions:    {Roles: []person.Role{owner, coordinator}},
	AddPasskey:     {Roles: person.StaffRoles(), Grave: true},
	RemovePasskey:  {Roles: person.StaffRoles(), Grave: true},
	ReadPasskeys:   {Roles: person.StaffRoles()},
	// Whoever invites somebody could use the invitation, and act for them.
	Invite:    {Roles: []person.Role{owner}},
	ReadStaff: {Roles: []person.Role{owner, coordinator}},
	// A calendar feed has one's own visits. A coordinator, an owner and an accountant have none.
	MakeFeed: {Roles: []person.Role{psych, physician, nurse}},
	EndFeed:  {Roles: []person.Role{psych, physician, nurse}},
	SeeFeed:  {Roles: []person.Role{psych, physician, nurse}},
	ReadFeed: {Roles: []person.Role{psych, physician, nurse}},
	// Temporal holds whole charts, with scores and fees, so nurses and accountants read none of it.
	Decode:       {Roles: []person.Role{psych, physician, coordinator}},
	UseEmergency: {Roles: person.StaffRoles(), Grave: true},
}

// Actions lists all actions, sorted.
func Actions() []Action {
	all := []Action{Record, Preview, KeepDraft}
	for a := range rules {
		all = append(all, a)
	}
	slices.Sort(all)
	return all
}

// RuleOf gives the rule of an action besides recording facts. An action without a row is allowed to nobody.
func RuleOf(a Action) Rule { return rules[a] }

// RuleOfFact gives the rule of recording a kind of fact.
func RuleOfFact(kind care.Kind) Rule {
	return Rule{Roles: kind.By, Grave: kind.Grave, about: kind.Name, denies: kind.NotYourRole}
}

// RuleOfAnything is the rule of something that there is not: everybody is refused with the same words.
func RuleOfAnything(refusal *care.Refusal) Rule {
	return Rule{denies: func(person.Role) *care.Refusal { return refusal }}
}

// Check holds a person against a rule. It gives in which role they act, or the refusal.
func (r Rule) Check(p Person, action Action, now time.Time) (by person.Actor, refusal *care.Refusal) {
	about := cmp.Or(r.about, string(action))
	by, ok := p.ActsAs(r.Roles)
	if _, open := p.Emergency(now); !ok && r.Emergency && open && len(p.roles) > 0 {
		return by, nil
	}
	first := person.Role("")
	if len(r.Roles) > 0 {
		first = r.Roles[0]
	}
	switch {
	case !ok && !p.holdsClaim() && slices.Contains(r.Roles, p.claim):
		return by, care.Refuse(about, care.CodeNotYourRole, fmt.Sprintf("the practice file has no %s with the id %q; a %s of the practice does this", p.claim, p.id, p.claim), p.claim)
	case !ok && by.Role == "":
		return by, care.Refuse(about, care.CodeNotYourRole, "nobody is signed in", first)
	case !ok && r.denies != nil:
		return by, r.denies(by.Role)
	case !ok:
		return by, care.Refuse(about, care.CodeNotYourRole, fmt.Sprintf("%s may not do this; it is for the %s", by.Role.One(), person.JoinRoles(staffOnly(r.Roles))), first)
	case r.Grave && p.via == ViaSession && !p.fresh:
		return by, care.Refuse(about, care.CodeSignInAgain, "sign in again first: this needs a sign-in within the last minutes", by.Role)
	}
	return by, nil
}

// staffOnly leaves out who is no person, unless nobody else may.
func staffOnly(roles []person.Role) []person.Role {
	people := slices.DeleteFunc(slices.Clone(roles), func(r person.Role) bool { return r == person.Provider || r == person.System })
	if len(people) == 0 {
		return roles
	}
	return people
}
