package care

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"

	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/wording"
)

// choosing lists the things of a chart that a field may name. Which of them fit a fact is for the fact's check to say.
type choosing struct {
	list    func(c *Chart, now time.Time) []option
	none    string      // why nothing can be chosen, when there is nothing or nothing fits
	mustAct person.Role // who changes that
}

// option is something that may be chosen. Its label is made when somebody is shown it: to find out whether a fact may be
// recorded takes the value alone.
type option struct {
	value string
	label func() string
}

var (
	chooseVisit     = &choosing{(*Chart).visitChoices, "no visit that this is about is booked", coord}
	choosePlace     = &choosing{(*Chart).placeChoices, "the practice file has no place", coord}
	chooseClinician = &choosing{(*Chart).clinicianChoices, "the practice file has no other clinician", coord}
	choosePhysician = &choosing{(*Chart).clinicianNames, "the practice file has no physician", coord}
	chooseTherapist = &choosing{(*Chart).clinicianNames, "the practice file has no psychotherapist", coord}
	chooseFlag      = &choosing{(*Chart).flagChoices, "no flag was raised", psych}
	chooseGate      = &choosing{(*Chart).gateChoices, "no gate may be opened by hand", phys}
	chooseCheckIn   = &choosing{(*Chart).checkInChoices, "no check-in is planned; they follow an infusion", ""}
	chooseAlert     = &choosing{(*Chart).alertChoices, "no alert is open", ""}
	choosePayment   = &choosing{(*Chart).paymentChoices, "no payment was recorded", coord}
	chooseRefund    = &choosing{(*Chart).refundChoices, "no refund was approved", coord}
	chooseReply     = &choosing{(*Chart).replyChoices, "no reply waits for an answer by text or email", ""}
	chooseAbsence   = &choosing{(*Chart).absenceChoices, "no absence is noted", coord}
)

// Choices gives the values that a field may name in a report by somebody, with labels for people: the things of this chart that
// the fact's check accepts there, or the field's fixed choices. Of the fact enrolled a chart without facts is asked, and for
// clinicians who joined the practice since, a chart with its present staff (WithStaff).
func (c *Chart) Choices(k Kind, field string, by person.Actor, now time.Time) []Choice {
	of := formOf(k.Name).field(field).of
	if of == nil {
		f, _ := k.Field(field)
		return f.Choices
	}
	m := Meta{By: by, At: now.UTC(), Now: now.UTC()}
	refused := func(o option, loose bool) bool {
		fact := k.New()
		setText(fact, field, o.value)
		if loose {
			k.loosen(fact)
		}
		return slices.ContainsFunc(c.problems(k, fact, m), func(p Problem) bool { return p.Field == field || p.level == atRole })
	}
	var out []Choice
	for _, o := range of.list(c, m.Now) {
		if !refused(o, false) || !refused(o, true) {
			out = append(out, Choice{o.value, o.label()})
		}
	}
	return out
}

// loosen answers yes to each question whose yes may make a report possible that is refused without it.
func (k Kind) loosen(fact Fact) {
	target := reflect.ValueOf(fact).Elem()
	for _, f := range fieldsOf(target.Type()) {
		if f.typ.Kind() == reflect.Bool && formOf(k.Name).field(f.name).loosens {
			f.in(target).SetBool(true)
		}
	}
}

// WithStaff gives the chart as it would be if its policy listed the clinicians of another one. It shares everything else.
func (c *Chart) WithStaff(p policy.Policy) *Chart {
	with := *c
	with.Policy.Clinicians = p.Clinicians
	return &with
}

// setText sets a field of a fact that holds text.
func setText(fact Fact, field, value string) {
	target := reflect.ValueOf(fact).Elem()
	for _, f := range fieldsOf(target.Type()) {
		if f.name == field && f.typ.Kind() == reflect.String {
			f.in(target).SetString(value)
		}
	}
}

// visitChoices lists the visits: those still open by their time, then the others, the latest first.
func (c *Chart) visitChoices(now time.Time) []option {
	visits := make([]*Visit, len(c.Visits))
	for i := range c.Visits {
		visits[i] = &c.Visits[i]
	}
	slices.SortStableFunc(visits, func(a, b *Visit) int {
		switch {
		case a.Open() && b.Open():
			return a.Start.Compare(b.Start)
		case a.Open() != b.Open():
			return map[bool]int{true: -1, false: 1}[a.Open()]
		}
		return b.Start.Compare(a.Start)
	})
	out := make([]option, len(visits))
	for i, v := range visits {
		out[i] = option{v.ID, func() string { return c.sayVisit(v, now) }}
	}
	return out
}

// sayVisit says a visit and its time by the clock that it goes by, and by the client's if that is another one.
func (c *Chart) sayVisit(v *Visit, now time.Time) string {
	text := v.Name() + ", " + c.WhenOf(v, now)
	if own := c.ClientZone.SayFrom(v.Start, now); own != c.WhenOf(v, now) {
		text += " (for the client " + own + ")"
	}
	if !v.Open() {
		text += ", " + wording.LowerFirst(cmp.Or(choiceLabels["status"][string(v.Status)], string(v.Status)))
	}
	return text
}

func (c *Chart) placeChoices(time.Time) (out []option) {
	for _, pl := range c.Policy.Places {
		out = append(out, option{pl.ID, func() string { return cmp.Or(pl.Name, pl.ID) }})
	}
	return out
}

func (c *Chart) clinicianChoices(time.Time) (out []option) {
	for _, cl := range c.Policy.Clinicians {
		out = append(out, option{cl.ID, func() string { return cmp.Or(cl.Name, cl.ID) + ", " + string(cl.Role) }})
	}
	return out
}

// clinicianNames are the clinicians for a field that is about one role, whose name need not stand beside each.
func (c *Chart) clinicianNames(time.Time) (out []option) {
	for _, cl := range c.Policy.Clinicians {
		out = append(out, option{cl.ID, func() string { return cmp.Or(cl.Name, cl.ID) }})
	}
	return out
}

func (c *Chart) flagChoices(time.Time) (out []option) {
	for _, f := range c.Flags {
		out = append(out, option{f.Flag, f.say})
	}
	return out
}

func (f Flag) say() string {
	text := wording.Title(f.Flag)
	if f.Decision != "" {
		text += ", decided: " + wording.LowerFirst(labelOf("decision", string(f.Decision)))
	}
	return text
}

func (c *Chart) gateChoices(now time.Time) (out []option) {
	for _, g := range c.Gates(now) {
		if len(overridable[g.Gate]) > 0 {
			out = append(out, option{g.Gate, func() string { return GateLabel(g.Gate) + ": " + g.Reason }})
		}
	}
	return out
}

func (c *Chart) checkInChoices(now time.Time) (out []option) {
	for _, ci := range append(c.CheckIns(), c.measureTimes()...) {
		out = append(out, option{ci.ID, func() string { return c.sayCheckIn(ci, now) }})
	}
	return out
}

func (c *Chart) sayCheckIn(ci CheckIn, now time.Time) string {
	text := "Check-in of " + c.ClientZone.SayFrom(ci.Due, now)
	if v := c.Visit(ci.Infusion); v != nil {
		text += ", after " + wording.LowerFirst(v.Name())
	}
	if c.answered(ci.ID) {
		text += ", answered"
	}
	return text
}

// alertChoices lists the open alerts, and after them what else somebody must settle: a reply to read, a message that failed.
func (c *Chart) alertChoices(now time.Time) (out []option) {
	for _, a := range c.Alerts {
		if a.AckedAt.IsZero() {
			out = append(out, option{a.ID, func() string {
				return strings.TrimSuffix(wording.Title(a.Kind)+", "+NameOf(a.About), ", ") + ", since " + c.Zone.SayFrom(a.RaisedAt, now)
			}})
		}
	}
	for _, t := range c.Issues {
		out = append(out, option{t.ID(), func() string { return t.words() + ", since " + c.Zone.SayFrom(t.At, now) }})
	}
	return out
}

// replyChoices lists what clients wrote that nobody has answered.
func (c *Chart) replyChoices(now time.Time) (out []option) {
	for _, t := range c.Issues {
		if t.Task == TaskReadReply {
			out = append(out, option{t.About, func() string { return "What the client wrote, " + c.Zone.SayFrom(t.At, now) }})
		}
	}
	return out
}

func (c *Chart) paymentChoices(now time.Time) (out []option) {
	for _, p := range c.Account.Payments {
		out = append(out, option{p.Key, func() string {
			return p.Amount.String() + ", " + wording.LowerFirst(labelOf("fee_set", string(p.FeeSet))) + ", " + c.Zone.DayFrom(p.At, now)
		}})
	}
	return out
}

func (c *Chart) refundChoices(now time.Time) (out []option) {
	for _, r := range c.Account.Refunds {
		out = append(out, option{r.Key, func() string {
			return r.Amount.String() + ", " + wording.LowerFirst(labelOf("fee_set", string(r.FeeSet))) + ", approved " + c.Zone.DayFrom(r.At, now)
		}})
	}
	return out
}

func (c *Chart) nameOfClinician(id string) string {
	clinician, _ := c.Policy.Clinician(id)
	return cmp.Or(clinician.Name, id)
}

func (c *Chart) absenceChoices(now time.Time) (out []option) {
	for _, a := range c.Absences {
		if a.ID != "" {
			out = append(out, option{a.ID, func() string {
				return c.nameOfClinician(a.Clinician) + ", away from " + c.Zone.DayFrom(a.From, now) + ", back " + c.Zone.DayFrom(a.To, now)
			}})
		}
	}
	return out
}
