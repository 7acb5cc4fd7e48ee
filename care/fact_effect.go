package care

import (
	"time"

	"kapflow/care/visit"
)

// Effect is what a fact changed, kept with its entry so that nobody has to play the facts again to say it. From and To are
// codes or a few words; an instant is written in RFC 3339. Private texts never stand in it.
type Effect struct {
	About string `json:"about,omitempty"` // the visit, check-in, flag, gate, payment … by its id
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
}

// EffectOf gives the effect that an entry kept. Entries written before effects were kept have none: for them it is what
// the fact says by itself, which is what it is about and what came of it, without what stood before.
func (k Kind) EffectOf(e Entry, f Fact) Effect {
	if e.Effect != (Effect{}) {
		return e.Effect
	}
	return k.alone(f, e)
}

// alone is the effect as far as the fact says it by itself.
func (k Kind) alone(f Fact, e Entry) Effect {
	effect := Effect{About: k.AboutIn(e.With)}
	if k.told != nil {
		effect.To = k.told(f)
	}
	return effect
}

// applying applies a fact and gives its effect. A fact about a visit that says nothing of its own has the change of the
// visit's status.
func (c *Chart) applying(k Kind, f Fact, r Report, m Meta) Effect {
	effect := k.alone(f, Entry{With: r.With})
	if k.subject != nil {
		effect.About = k.subject(f, c, m)
	}
	if k.was != nil {
		effect.From = k.was(f, c, m)
	}
	before := c.statusOf(effect.About)
	f.apply(c, m)
	if after := c.statusOf(effect.About); k.told == nil && after != before {
		effect.From, effect.To = string(before), string(after)
	}
	return effect
}

// statusOf gives the status of a visit; empty when there is none of that id.
func (c *Chart) statusOf(id string) visit.Status {
	if v := c.Visit(id); v != nil {
		return v.Status
	}
	return ""
}

// instant writes an instant into an effect.
func instant(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}
