package care_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/person"
)

// drawReport draws a report by a person who has the role, about the chart as it stands.
func (m *machine) drawReport() (care.Kind, care.Report, with) {
	d := dice{T: m.T, chart: m.chart, now: m.now}
	kinds := slices.DeleteFunc(slices.Clone(care.Vocabulary()), func(k care.Kind) bool { return k.Opens })
	kind := kinds[d.n(0, len(kinds)-1)]
	fields := d.fields(kind.Name)
	return kind, report(m.role(d, kind), "", fields), fields
}

// TestWhatMayBeRecordedIsOffered plays random courses: a fact that the chart takes in was offered to who records it, and a
// choice that it names was among the choices. Asking changes nothing.
func TestWhatMayBeRecordedIsOffered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			m.step()
		}
		for range 12 {
			m.lookAtOffer()
		}
		if asJSON(t, m.chart) != m.text {
			t.Fatalf("asking what may be recorded changed the chart")
		}
		if changed := care.ChangedExamples(); len(changed) > 0 {
			t.Fatalf("asking what may be recorded changed the examples of %v", changed)
		}
	})
}

func (m *machine) lookAtOffer() {
	kind, r, fields := m.drawReport()
	if fields["at"] != nil {
		return // offers are about now
	}
	chart := m.chart.WithStaff(manyClinicians()) // one of whom a report may name
	offers := chart.Offers(r.By, m.now)
	i := slices.IndexFunc(offers, func(o care.Offer) bool { return o.Fact == kind.Name })
	if mine := kind.Allows(r.By.Role); !mine || i < 0 {
		if mine || i >= 0 {
			m.Fatalf("%s is offered to the %s: %t", kind.Name, r.By.Role, i >= 0)
		}
		return
	}
	offer, err := offers[i], m.chart.Check(kind.Name, r, m.now)
	if err == nil && !offer.Now {
		m.Fatalf("%s %v by the %s is taken in, but was not offered: %s", kind.Name, fields, r.By.Role, offer.Why.Message)
	}
	if !offer.Now && (offer.Why.Message == "" || offer.Why.Code == "" || offer.Why.Fact != kind.Name) {
		m.Fatalf("%s is not offered, and nothing says why: %+v", kind.Name, offer.Why)
	}
	for _, f := range kind.Fields() {
		value, text := fields[f.Name].(string)
		if !f.Chosen || !text || value == "" || err != nil || kind.PracticeWide {
			continue
		}
		if f.Name == "appointment" {
			m.lookAtOffersAbout(value, kind, r)
		}
		choices := chart.Choices(kind, f.Name, r.By, m.now)
		named := slices.ContainsFunc(choices, func(c care.Choice) bool { return c.Value == value })
		if !named && !slices.Contains(shortNames, f.Name) && !namesANewRefund(kind, f.Name, chart, value) {
			m.Fatalf("%s is taken in with %s %q, which is not among %v", kind.Name, f.Name, value, choices)
		}
		for _, c := range choices {
			if c.Value == "" || c.Label == "" {
				m.Fatalf("%s.%s offers %+v", kind.Name, f.Name, c)
			}
		}
	}
}

// shortNames are fields that take other names for the same thing: the latest check-in, an alert by its kind.
var shortNames = []string{"check_in", "alert"}

// namesANewRefund: a report may give a new refund a key of its own. The form leaves the field empty for that.
func namesANewRefund(kind care.Kind, field string, chart *care.Chart, value string) bool {
	return kind.Name == "refund-approved" && field == "key" && !slices.ContainsFunc(chart.Account.Refunds, func(r care.Refund) bool { return r.Key == value })
}

// TestWhatIsNotOfferedSaysWhoMustAct shows the words for a client who is about to have the first infusion.
func TestWhatIsNotOfferedSaysWhoMustAct(t *testing.T) {
	t.Parallel()
	k := formChart(t)
	why := func(by person.Role, fact string) *care.Refusal {
		t.Helper()
		offers := k.chart.Offers(person.Actor{ID: roleIDs[by], Role: by}, k.now)
		return offers[slices.IndexFunc(offers, func(o care.Offer) bool { return o.Fact == fact })].Why
	}
	for _, x := range []struct {
		by      person.Role
		fact    string
		code    string
		mustAct person.Role
	}{
		{person.Nurse, "infusion-started", care.CodeWrongState, person.Nurse},
		{person.Nurse, "client-discharged", care.CodeWrongState, person.Nurse},
		{person.Coordinator, "package-chosen", care.CodeWrongState, person.Coordinator},
		{person.Coordinator, "refund-paid", care.CodeWrongState, person.Coordinator},
		{person.Physician, "hold-released", care.CodeWrongState, ""},
		{person.Psychotherapist, "course-completed", care.CodeWrongState, person.Coordinator},
		{person.Coordinator, "resumed", care.CodeWrongState, ""},
		{person.Coordinator, "check-in-answered", care.CodeWrongState, ""},
	} {
		if r := why(x.by, x.fact); r == nil || !r.Has(x.code) || r.MustAct != x.mustAct {
			t.Errorf("%s for the %s: %+v", x.fact, x.by, r)
		}
	}
	for fact, by := range map[string]person.Role{"dose-ordered": person.Physician, "payment-received": person.Coordinator, "appointment-moved": person.Coordinator, "paused": person.Coordinator, "hold-placed": person.Physician, "appointment-booked": person.Coordinator, "gate-overridden": person.Physician} {
		if r := why(by, fact); r != nil {
			t.Errorf("%s is not offered to the %s: %s", fact, by, r.Message)
		}
	}
	fresh := enrolled(t, samplePolicy())
	offers := fresh.chart.Offers(person.Actor{ID: "desk", Role: person.Coordinator}, fresh.now)
	if i := slices.IndexFunc(offers, func(o care.Offer) bool { return o.Fact == "appointment-booked" }); !offers[i].Now {
		t.Errorf("every visit is refused yet, but a tentative one is not: %s", offers[i].Why.Message)
	}
	booked, _ := care.KindNamed("appointment-moved")
	want := "Infusion 1, " + denver.SayFrom(k.chart.Visit("infusion-1").Start, k.now)
	if got := k.chart.Choices(booked, "appointment", person.Actor{ID: "desk", Role: person.Coordinator}, k.now); len(got) != 1 || got[0].Label != want {
		t.Errorf("visits to move: %v, want %s", got, want)
	}
	k.do(person.Coordinator, "contact-changed", with{"timezone": "America/New_York", "zone_data": zone("America/New_York")})
	want += " (for the client " + zone("America/New_York").SayFrom(k.chart.Visit("infusion-1").Start, k.now) + ")"
	if got := k.chart.Choices(booked, "appointment", person.Actor{ID: "desk", Role: person.Coordinator}, k.now); len(got) != 1 || got[0].Label != want {
		t.Errorf("visits to move: %v, want %s", got, want)
	}
}

// TestAfterTheCourseTheReasonIsItsEnd: what cannot be recorded any more says so, and not that a visit is missing. What may tell of danger
// is taken in still.
func TestAfterTheCourseTheReasonIsItsEnd(t *testing.T) {
	t.Parallel()
	k := withdrawnCourse(t)
	for role, id := range roleIDs {
		for _, o := range k.chart.Offers(person.Actor{ID: id, Role: role}, k.now) {
			kind, _ := care.KindNamed(o.Fact)
			if _, mayTellOfDanger := kind.Field("concern"); kind.Allows(role) && !kind.AfterClose && !mayTellOfDanger && (o.Now || !o.Why.Has(care.CodeCourseClosed)) {
				t.Errorf("%s for the %s: %+v", o.Fact, role, o.Why)
			}
		}
	}
}

// TestClientsAreEnrolledWithTheRightClinicians: of the fact that opens a record a chart without facts is asked.
func TestClientsAreEnrolledWithTheRightClinicians(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{"physician": "dr-stone", "psychotherapist": "kim"} {
		got := (&care.Chart{Policy: samplePolicy()}).Choices(care.OpeningKind(), field, person.Actor{ID: "desk", Role: person.Coordinator}, at(1, 9, 0))
		if len(got) != 1 || got[0].Value != want {
			t.Errorf("%s: %v", field, got)
		}
	}
}

// TestOffersAreCheap holds that a page can ask for all of them: well below 10 ms in mid-course.
func TestOffersAreCheap(t *testing.T) {
	if underRace {
		t.Skip("the race detector is slow")
	}
	k := formChart(t)
	by := person.Actor{ID: "desk", Role: person.Coordinator}
	best := time.Hour
	for range 20 {
		begin := time.Now()
		k.chart.Offers(by, k.now)
		best = min(best, time.Since(begin))
	}
	t.Logf("offers of the coordinator: %s", best)
	if best > 5*time.Millisecond {
		t.Errorf("the offers took %s", best)
	}
}

func BenchmarkOffers(b *testing.B) {
	k := ready(b, samplePolicy(), "six")
	by := person.Actor{ID: "desk", Role: person.Coordinator}
	for b.Loop() {
		k.chart.Offers(by, k.now)
	}
}

// lookAtOffersAbout: what the chart takes in about a visit is offered about it, and what is offered about one visit is offered.
func (m *machine) lookAtOffersAbout(visit string, kind care.Kind, r care.Report) {
	chart := m.chart.WithStaff(manyClinicians())
	offers, found := chart.Offers(r.By, m.now), false
	for _, o := range chart.OffersAbout(visit, r.By, m.now) {
		found = found || o.Fact == kind.Name && o.Now
		i := slices.IndexFunc(offers, func(x care.Offer) bool { return x.Fact == o.Fact })
		if o.Now && !offers[i].Now {
			m.Fatalf("%s is offered about %s, and is not offered: %s", o.Fact, visit, offers[i].Why.Message)
		}
	}
	if !found {
		m.Fatalf("%s by the %s is taken in about %s, and was not offered about it", kind.Name, r.By.Role, visit)
	}
}
