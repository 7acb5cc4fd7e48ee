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

// Offers says of every kind of fact that is recorded about a client whether somebody may record it now, in the order of the
// vocabulary. It asks the facts' own checks, with every visit, payment and choice that the fact may be about: a kind may be
// recorded if one of them is refused for nothing but what is still to be typed. It changes nothing.
func (c *Chart) Offers(by person.Actor, now time.Time) []Offer {
	out, asked := make([]Offer, 0, len(vocabulary)), c.offering(by, now)
	for _, k := range vocabulary {
		if k.Opens {
			continue
		}
		why, _ := asked.whyNot(k, "")
		out = append(out, Offer{Fact: k.Name, Title: k.Title(), Group: k.Group(), Now: why == nil, Why: why})
	}
	return out
}

// OffersAbout says of every kind of fact that can be about this visit whether somebody may record it now. Kinds that are about
// visits of another sort are left out, such as a session's outcome for an infusion.
func (c *Chart) OffersAbout(visit string, by person.Actor, now time.Time) []Offer {
	var out []Offer
	asked := c.offering(by, now)
	for _, k := range vocabulary {
		if k.Opens || k.PracticeWide || formOf(k.Name).field(fieldAppointment).of != chooseVisit {
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
	listed map[*choosing][]reflect.Value // what each sort of choice has, once it was asked for: many kinds are about a visit
}

func (c *Chart) offering(by person.Actor, now time.Time) offering {
	return offering{c, Meta{By: by, At: now.UTC(), Now: now.UTC()}, map[*choosing][]reflect.Value{}}
}

// values lists what may be chosen.
func (o offering) values(of *choosing) []reflect.Value {
	values, ok := o.listed[of]
	if !ok {
		for _, choice := range of.list(o.Chart, o.m.Now) {
			values = append(values, reflect.ValueOf(choice.Value))
		}
		o.listed[of] = values
	}
	return values
}

// whyNot gives the refusal of a kind of fact, whatever would be typed; nil if it may be recorded. With a visit it asks about that
// one only, and fits is false if the kind is about visits of another sort.
func (o offering) whyNot(k Kind, visit string) (why *Refusal, fits bool) {
	if !k.Allows(o.m.By.Role) {
		return k.NotYourRole(o.m.By.Role), true
	}
	fact := k.probe(o.m.Now)
	if _, danger := fact.(tellsOfDanger); visit == "" && !danger {
		over := &inspection{fact: k.Name}
		if o.checkOpen(k, fact, over); len(over.problems) > 0 {
			refusal, _ := over.refusal().(*Refusal)
			return refusal, true // whatever is chosen
		}
	}
	fields, of := o.triedFields(k)
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
	if of != nil && (misfit || visit == "" && slices.ContainsFunc(best.problems, func(p Problem) bool { return p.level == atShape })) {
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

// probe makes a fact of this kind with something in every field that it needs and words in every private one.
func (k Kind) probe(now time.Time) Fact {
	fact := k.New()
	target := reflect.ValueOf(fact).Elem()
	target.Set(reflect.ValueOf(traitsOf[k.Name].typed).Elem())
	ahead := now.Add(time.Hour)
	for _, f := range fieldsOf(target.Type()) {
		switch value := f.in(target).Addr().Interface().(type) {
		case *Private:
			*value = "in your own words"
		case *money.Cents:
			*value = min(*value, 1)
		case **time.Time:
			if *value != nil {
				at := ahead
				*value, ahead = &at, ahead.Add(time.Hour)
			}
		}
	}
	return fact
}

// triedFields lists the fields whose values decide whether a fact fits the chart: what it is about, and its codes. of is what
// it must name of the chart.
func (o offering) triedFields(k Kind) (fields []tried, of *choosing) {
	form, needed := formOf(k.Name), k.needed()
	for _, f := range k.factFields() {
		x := form.field(f.name)
		var values []reflect.Value
		switch {
		case f.typ.Kind() == reflect.Bool && x.loosens:
			values = append(values, reflect.ValueOf(false), reflect.ValueOf(true))
		case f.typ.Kind() != reflect.String || k.PracticeWide || isPrivate(f.typ):
			continue
		case x.of != nil && (needed[f.name] || f.name == k.About):
			values = o.values(x.of)
			if needed[f.name] {
				of = x.of
			}
		case x.of == nil:
			for _, code := range k.Allowed(f.name) {
				values = append(values, reflect.ValueOf(code))
			}
			if len(values) == 0 {
				continue
			}
		default:
			continue
		}
		if f.typ.Kind() == reflect.String && (!needed[f.name] || len(values) == 0) {
			values = append([]reflect.Value{reflect.ValueOf("")}, values...)
		}
		fields = append(fields, tried{f, values})
	}
	return fields, of
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
		t.in(target).Set(t.values[n%len(t.values)].Convert(t.typ))
		n /= len(t.values)
	}
}
