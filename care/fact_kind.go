package care

import (
	"encoding/json"
	"fmt"
	"slices"

	"kapflow/care/person"
	"kapflow/care/wording"
)

// Kind is one row of the vocabulary: everything that depends on the kind of a fact. Update handlers, the command line,
// forms, the history, the exported record and the documentation are made from these rows; nobody else names a fact to
// decide something.
type Kind struct {
	Name    string // wire name, for ever
	Summary string // one sentence for people
	New     func() Fact
	Section Section // where the exported record tells it
	About   string  // its field that names what it is about: a visit, a check-in, a flag; empty: the course itself
	Story   string  // how a course is told by it, with %s for what it is about; empty: it is only counted

	By           []person.Role // who may record it
	ReadBy       []person.Role // besides both clinicians and By: whose task it is to read the private texts
	AfterClose   bool          // may still be recorded when the course is over
	Opens        bool          // it opens the record and starts the journey; all others are updates of a journey
	PracticeWide bool          // the desk turns one report into a fact for each client it touches
	Contact      bool          // it changes how the client is reached, so the addresses are brought up to date
	Books        bool          // it makes a visit, which the answer names
	Adds         Supplement    // what the desk adds to the report before it travels

	Words    string // its private field with the client's own words
	ReadTask string // the task of reading them; empty: there is none
	Concern  bool   // its private texts may hold a client's words that point to danger: MarkConcern looks for them

	ClientsOwn bool // these are the client's answers: who else records them took them down by telephone
	Corrects   bool // it puts something recorded right
	Overrides  bool // it opens a gate by hand
	Grave      bool // who records it signs in afresh
	AsksAgain  bool // a report whose author had not seen the newest facts (Report.Seen) is refused, so that they look again

	// What the history says of it, besides its name. All three only read; subject and was are asked before it is applied.
	told    func(Fact) string               // what came of it, from the fact alone
	was     func(Fact, *Chart, Meta) string // what stood before
	subject func(Fact, *Chart, Meta) string // what it is about, where the field does not say it: "latest", a visit without an id

	slot      func(Fact, *Chart, Meta) Slot   // the time of people that it would take
	takesOver func(Fact, *Chart, Meta) []Slot // booked visits that it would give to a new clinician, each with that one person
}

// Section is a part of the exported record.
type Section string

// The sections. Those of visits, measures, money and messages are tables there; the others list their facts.
const (
	SectionIntake      Section = "intake"
	SectionPlan        Section = "plan"
	SectionCoverage    Section = "coverage"
	SectionVisits      Section = "visits"
	SectionSessions    Section = "sessions"
	SectionMedical     Section = "medical"
	SectionInfusionDay Section = "infusion-day"
	SectionSafety      Section = "safety"
	SectionMeasures    Section = "measures"
	SectionCourse      Section = "course"
	SectionMoney       Section = "money"
	SectionMessages    Section = "messages"
)

// Supplement is what only the desk knows and adds to a report, in fields that nobody else fills in.
type Supplement int

// The supplements.
const (
	AddsNothing    Supplement = iota
	AddsClientZone            // zone_data, for the zone named in timezone
	AddsPolicy                // policy and zone_data: the practice's own, as they are now
)

// Fields lists the fields that a supplement fills in.
func (s Supplement) Fields() []string {
	return [][]string{AddsNothing: nil, AddsClientZone: {"zone_data"}, AddsPolicy: {"policy", "zone_data"}}[s]
}

// newFact makes an empty fact of one type.
func newFact[F any, P interface {
	*F
	Fact
}]() Fact {
	return P(new(F))
}

// on lets a row hold a method of its own type of fact.
func on[F Fact](method func(F) string) func(Fact) string {
	return func(f Fact) string { return method(f.(F)) }
}

// inChart is on for a method that asks the chart.
func inChart[F Fact, R any](method func(F, *Chart, Meta) R) func(Fact, *Chart, Meta) R {
	return func(f Fact, c *Chart, m Meta) R { return method(f.(F), c, m) }
}

// KindNamed finds a row of the vocabulary by wire name.
func KindNamed(name string) (Kind, bool) {
	i, ok := kindIndex[name]
	if !ok {
		return Kind{}, false
	}
	return vocabulary[i], true
}

// UnknownFact is the refusal of a name that is no fact's. It suggests the fact that may be meant.
func UnknownFact(name string) *Refusal {
	var names []string
	for _, k := range Vocabulary() {
		names = append(names, k.Name)
	}
	return Refuse(name, CodeUnknownFact, fmt.Sprintf("there is no fact called %q%s; `bin/starter facts` lists them", name, wording.DidYouMean(name, names)), "")
}

// KindFor gives the row of a type of fact.
func KindFor[F Fact]() Kind {
	k, ok := kindWhere(func(k Kind) bool { _, is := k.New().(F); return is })
	if !ok {
		panic(fmt.Sprintf("care: %T has no row in the vocabulary", *new(F)))
	}
	return k
}

// OpeningKind gives the row of the fact that opens a record.
func OpeningKind() Kind {
	k, _ := kindWhere(func(k Kind) bool { return k.Opens })
	return k
}

// WideFacts lists the names of the practice-wide facts.
func WideFacts() (names []string) {
	for _, k := range Vocabulary() {
		if k.PracticeWide {
			names = append(names, k.Name)
		}
	}
	return names
}

// KindReadIn gives the row of the fact whose words a task asks somebody to read.
func KindReadIn(task string) (Kind, bool) {
	return kindWhere(func(k Kind) bool { return k.ReadTask == task && task != "" })
}

func kindWhere(is func(Kind) bool) (Kind, bool) {
	if i := slices.IndexFunc(Vocabulary(), is); i >= 0 {
		return Vocabulary()[i], true
	}
	return Kind{}, false
}

// ContactFacts lists the names of the facts that change how a client is reached.
func ContactFacts() (names []string) {
	for _, k := range Vocabulary() {
		if k.Contact {
			names = append(names, k.Name)
		}
	}
	return names
}

// Allows says whether a role may record this kind.
func (k Kind) Allows(r person.Role) bool { return slices.Contains(k.By, r) }

// Readable says whether a role may read the private texts of a kind of fact. Both clinicians read one record
// (R6); everybody else reads what they may write themselves, and what it is their task to read.
func (k Kind) Readable(r person.Role) bool {
	return r == person.Psychotherapist || r == person.Physician || k.Allows(r) || slices.Contains(k.ReadBy, r)
}

// TakesTime says whether a fact of this kind takes time of the client's clinicians, which the desk reserves first.
func (k Kind) TakesTime() bool { return k.slot != nil }

// TakesOver says whether a fact of this kind gives booked visits to a new clinician, whose time the desk reserves first.
func (k Kind) TakesOver() bool { return k.takesOver != nil }

// AboutIn gives what a report is about, as its field says; empty when it does not.
func (k Kind) AboutIn(with json.RawMessage) string {
	fields := map[string]json.RawMessage{}
	if k.About == "" || json.Unmarshal(with, &fields) != nil {
		return ""
	}
	var about string
	_ = json.Unmarshal(fields[k.About], &about) // what is no text names nothing
	return about
}
