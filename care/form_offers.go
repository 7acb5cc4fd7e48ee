package care

import (
	"reflect"
	"slices"
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
)

// Offer says whether somebody may record a kind of fact now.
type Offer struct {
	Fact  string   `json:"fact"`
	Title string   `json:"title"`
	Group Group    `json:"group"`
	Now   bool     `json:"now"`
	Why   *Refusal `json:"why,omitempty"` // why not, and who must act first; nil if it may be recorded
}

// Offers says of every kind of fact that somebody's role records about a client whether they may record it now, in the order of the
// vocabulary. It asks the facts' own checks, with every visit, payment and choice that the fact may be about: a kind may be
// recorded if one of them is refused for nothing but what is still to be typed. It changes nothing.
func (c *Chart) Offers(by person.Actor, now time.Time) []Offer {
	out, asked := make([]Offer, 0, len(vocabulary)), c.offering(by, now)
	for _, k := range vocabulary {
		if k.Opens || !k.Allows(by.Role) {
			continue
		}
		why, _ := asked.whyNot(k, "")
		out = append(out, Offer{Fact: k.Name, Title: k.Title(), Group: k.Group(), Now: why == nil, Why: why})
	}
	return out
}

// OffersAbout says of every kind of fact that somebody's role records, and that can be about this visit, whether they may record it now.
// Kinds that are about visits of another sort are left out, such as a session's outcome for an infusion.
func (c *Chart) OffersAbout(visit string, by person.Actor, now time.Time) []Offer {
	var out []Offer
	asked := c.offering(by, now)
	for _, k := range vocabulary {
		if k.Opens || k.PracticeWide || !k.Allows(by.Role) || formOf(k.Name).field(fieldAppointment).of != chooseVisit {
			continue
		}
		if _, has := k.Field(fieldAppointment); !has {
			continue
		}
		if why, fits := asked.whyNot(k, visit); fits {
			out = append(out, Offer{Fact: k.Name, Title: k.Title(), Group: k.Group(), Now: why == nil, Why: why})
		}
	}
	return out
}

// mostTried bounds how many reports of one kind are tried.
const mostTried = 500

// tried is one field whose values are tried in turn.
type tried struct {
	factField
	values []reflect.Value
}

// offering is one look at what somebody may record.
type offering struct {
	*Chart
	m      Meta
	listed map[listing][]reflect.Value // what each sort of choice has, once it was asked for: many kinds are about a visit
}

// listing is a sort of choice, for fields of one type.
type listing struct {
	of  *choosing
	typ reflect.Type
}

func (c *Chart) offering(by person.Actor, now time.Time) offering {
	return offering{c, Meta{By: by, At: now.UTC(), Now: now.UTC()}, map[listing][]reflect.Value{}}
}

// values lists what may be chosen, as values of a field's type.
func (o offering) values(of *choosing, typ reflect.Type) []reflect.Value {
	key := listing{of, typ}
	values, ok := o.listed[key]
	if !ok {
		for _, choice := range of.list(o.Chart, o.m.Now) {
			values = append(values, reflect.ValueOf(choice.value).Convert(typ))
		}
		o.listed[key] = values
	}
	return values
}

// whyNot gives the refusal of a kind of fact, whatever would be typed; nil if it may be recorded. With a visit it asks about that
// one only, and fits is false if the kind is about visits of another sort.
func (o offering) whyNot(k Kind, visit string) (why *Refusal, fits bool) {
	trial := traitsOf[k.Name].trial
	fact := trial.at(o.m.Now)
	if _, danger := fact.(tellsOfDanger); visit == "" && !danger {
		over := &inspection{fact: k.Name}
		if o.checkOpen(k, fact, over); len(over.problems) > 0 {
			refusal, _ := over.refusal().(*Refusal)
			return refusal, true // whatever is chosen
		}
	}
	fields := o.triedFields(trial.asked)
	if visit != "" {
		fields = slices.DeleteFunc(fields, func(t tried) bool { return t.name == fieldAppointment })
		for _, f := range k.factFields() {
			if f.name == fieldAppointment {
				fields = append(fields, tried{f, []reflect.Value{reflect.ValueOf(visit)}})
			}
		}
	}
	var best *inspection
	for n := range combinations(fields) {
		set(fact, fields, n)
		v, _ := o.inspect(k, fact, o.m)
		v.problems = slices.DeleteFunc(v.problems, func(p Problem) bool {
			return p.Field != "" && p.level != atRole && !slices.ContainsFunc(fields, func(t tried) bool { return t.name == p.Field })
		})
		if len(v.problems) == 0 {
			return nil, true
		}
		if best == nil || further(v, best, fields) < 0 {
			best = v
		}
	}
	misfit := slices.ContainsFunc(best.problems, func(p Problem) bool { return p.misfit })
	if of := trial.must; of != nil && (misfit || visit == "" && slices.ContainsFunc(best.problems, func(p Problem) bool { return p.level == atShape })) {
		return Refuse(k.Name, CodeWrongState, of.none, of.mustAct), !misfit
	}
	refusal, _ := best.refusal().(*Refusal)
	return refusal, !misfit
}

// further compares how far two reports get: one that names the right thing is nearer than one that does not, and then one with
// fewer problems.
func further(a, b *inspection, fields []tried) int {
	rank := func(v *inspection) (rank int) {
		for _, p := range v.problems {
			switch {
			case p.misfit || p.level == atShape:
				rank = max(rank, 2)
			case slices.ContainsFunc(fields, func(t tried) bool { return t.name == p.Field }):
				rank = max(rank, 1)
			}
		}
		return rank
	}
	if ra, rb := rank(a), rank(b); ra != rb {
		return ra - rb
	}
	return len(a.problems) - len(b.problems)
}

// trial is how a kind of fact is tried: what is known of it without a chart.
type trial struct {
	probe Fact        // it has something in every field that it needs, and words in every private one; whoever changes it copies it first
	ahead []factField // the probe's times, which are set to come one after the other, from an hour ahead
	asked []askedField
	must  *choosing // what the fact must name of the chart; nil if nothing
}

// askedField is a field whose value decides whether a fact fits the chart: it says what the fact is about, or is one of its codes.
type askedField struct {
	factField
	of       *choosing       // where the chart's choices come from; nil for codes
	codes    []reflect.Value // of the field's type
	optional bool            // it may also be left empty
}

// newTrial finds out how a kind is tried, from its other traits.
func (k Kind) newTrial(of traits) trial {
	target := reflect.New(reflect.TypeOf(of.typed).Elem())
	target.Elem().Set(reflect.ValueOf(of.typed).Elem())
	t := trial{probe: target.Interface().(Fact)}
	for _, f := range k.factFields() {
		switch value := f.in(target.Elem()).Addr().Interface().(type) {
		case *Private:
			*value = "in your own words"
		case *money.Cents:
			*value = min(*value, 1)
		case **time.Time:
			if *value != nil {
				t.ahead = append(t.ahead, f)
			}
		}
		asked, is := k.askedField(f, of)
		if !is {
			continue
		}
		t.asked = append(t.asked, asked)
		if asked.of != nil && of.needed[f.name] {
			t.must = asked.of
		}
	}
	return t
}

// askedField says how the values of a field are tried; is is false if its value decides nothing.
func (k Kind) askedField(f factField, of traits) (asked askedField, is bool) {
	x := formOf(k.Name).field(f.name)
	asked = askedField{factField: f, of: x.of, optional: !of.needed[f.name]}
	switch {
	case f.typ.Kind() == reflect.Bool:
		asked.codes, asked.optional = []reflect.Value{reflect.ValueOf(false).Convert(f.typ), reflect.ValueOf(true).Convert(f.typ)}, false
		return asked, x.loosens
	case f.typ.Kind() != reflect.String || k.PracticeWide || isPrivate(f.typ):
		return asked, false
	case x.of != nil:
		return asked, of.needed[f.name] || f.name == k.About
	}
	for _, code := range of.allowed[f.name] {
		asked.codes = append(asked.codes, reflect.ValueOf(code).Convert(f.typ))
	}
	return asked, len(asked.codes) > 0
}

// at gives a fact to try at a moment.
func (t trial) at(now time.Time) Fact {
	target := reflect.New(reflect.TypeOf(t.probe).Elem())
	target.Elem().Set(reflect.ValueOf(t.probe).Elem())
	for i, f := range t.ahead {
		at := now.Add(time.Duration(i+1) * time.Hour)
		f.in(target.Elem()).Set(reflect.ValueOf(&at))
	}
	return target.Interface().(Fact)
}

// triedFields lists the fields whose values decide whether a fact fits the chart, with what each may be.
func (o offering) triedFields(asked []askedField) []tried {
	fields := make([]tried, len(asked), len(asked)+1)
	for i, f := range asked {
		values := f.codes
		if f.of != nil {
			values = o.values(f.of, f.typ)
		}
		if f.optional || len(values) == 0 {
			values = append([]reflect.Value{reflect.Zero(f.typ)}, values...)
		}
		fields[i] = tried{f.factField, values}
	}
	return fields
}

// combinations counts the combinations of the fields' values, up to mostTried.
func combinations(fields []tried) int {
	n := 1
	for _, t := range fields {
		n = min(n*len(t.values), mostTried)
	}
	return n
}

// set gives the fields the values of one combination.
func set(fact Fact, fields []tried, n int) {
	target := reflect.ValueOf(fact).Elem()
	for _, t := range fields {
		t.in(target).Set(t.values[n%len(t.values)])
		n /= len(t.values)
	}
}
