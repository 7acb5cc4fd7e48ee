package browser_test

import (
	"kapflow/care/person"
)

// accept: the psychotherapist accepts the client and reviews the coverage.
func (c *course) accept() {
	c.as(person.Psychotherapist)
	c.find()
	c.record("Record the screening", pair{"criteria_met", "yes"}, pair{"prefers_kap", "yes"})
	c.find()
	c.record("Review the insurance coverage", pair{"result", "pays"}, pair{"copay", "30"})
	c.find()
	c.record("Skip the contact with the insurer", pair{"reason", "the plan answers in writing"})
	c.find()
	c.record("Record the talk about fees", pair{"summary", "both fee sets"})
}

// book: the coordinator books the visits before the first infusion, and the client chooses how to pay. The physician orders labs.
func (c *course) book() {
	c.as(person.Coordinator)
	for _, v := range []struct {
		kind  string
		day   int
		clock string
	}{{"evaluation", 2, "10:00"}, {"preparation", 3, "10:00"}, {"preparation", 4, "10:00"}, {"preparation", 5, "10:00"}, {"preparation", 8, "10:00"}, {"consult", 4, "14:00"}} {
		c.find()
		c.record("Book a visit", pair{"kind", v.kind}, pair{"start", c.on(v.day, v.clock)})
	}
	c.find()
	c.record("Record the choice of a package", pair{"package", "none"})
	c.as(person.Physician)
	c.find()
	c.record("Order labs")
}

// prepare: the psychotherapist holds the evaluation and four sessions, the physician sees the client and reviews the labs.
func (c *course) prepare() {
	for _, s := range []struct {
		day   int
		visit string
	}{{2, "Evaluation 1"}, {3, "Preparation 1"}, {4, "Preparation 2"}, {5, "Preparation 3"}, {8, "Preparation 4"}} {
		if s.visit == "Preparation 3" {
			c.day(4, 15, 0)
			c.as(person.Physician)
			c.about("Consult 1", "Record the consult's decision", pair{"outcome", "cleared"})
			c.as(person.Coordinator)
			c.find()
			c.record("Enter a lab result", pair{"status", "final"}, pair{"drawn_on", c.date(3)})
			c.as(person.Physician)
			c.find()
			c.record("Review the labs", pair{"outcome", "cleared"})
		}
		c.day(s.day, 11, 0)
		c.as(person.Psychotherapist)
		c.about(s.visit, "Record a session", pair{"clarity", "3"})
	}
	c.find()
	c.record("Record intention and goals", pair{"intention", "to rest"}, pair{"values", "friends"}, pair{"actions", "a walk each morning"})
	c.find()
	c.record("Record the education", pair{"material", "altered-state-1"})
}

// order: the client signs, the physician reads what an order needs and orders the dose, and the coordinator books the infusion.
func (c *course) order() {
	c.as(person.Coordinator)
	for _, service := range []string{"medical", "psychotherapy"} {
		c.find()
		c.record("Record a signed consent", pair{"service", service}, pair{"document_version", "consent-1"})
	}
	c.find()
	c.record("Record a good faith estimate", pair{"number", "estimate-1"}, pair{"total", "600"})
	c.as(person.Physician)
	c.find()
	c.enter("a:text-is('Order the dose')")
	c.typed(pair{"dose_mg", "35"}, pair{"minutes", "50"}, pair{"inputs.psychological", "yes"})
	c.refused("dose", "Nothing was recorded")
	c.typed(pair{"inputs.psychological", "yes"}, pair{"inputs.physical", "yes"}, pair{"inputs.experience", "none so far"}, pair{"inputs.preferences", "yes"}, pair{"inputs.intent", "yes"})
	c.enter(".buttons button[value=preview]")
	c.confirmed()
	c.as(person.Coordinator)
	c.find()
	c.record("Book a visit", pair{"kind", "infusion"}, pair{"start", c.on(10, "13:00")}, pair{"minutes", "60"})
}

// come: the client confirms the infusion and says how they come to it, behind the links of two messages.
func (c *course) come() {
	c.day(8, 20, 0)
	c.link("you have a visit")
	c.meet("client-visit", "Infusion 1", "Yes, I'll be there")
	c.enter("button:text-is(\"Yes, I'll be there\")")
	c.meet("client-confirmed", "See you on")
	c.day(9, 17, 0)
	c.link("read your instructions")
	c.meet("client-prepare", "Please answer before you come")
	c.typed(pair{"fasting", "yes"})
	c.enter("button:text-is('Send my answers')")
	c.meet("client-missing", "Something is missing. Your answers are still here.")
	c.typed(pair{"escort", "yes"}, pair{"name", "Bo Sample"}, pair{"phone", "555-010-0123"}, pair{"no_alcohol", "yes"}, pair{"nothing_new", "yes"})
	c.enter("button:text-is('Send my answers')")
	c.meet("client-ready", "You are ready.")
}

// infuse: the nurse takes the day from the check-in to the way home, and reads what is missing before the start.
func (c *course) infuse() {
	c.day(10, 12, 45)
	c.as(person.Nurse)
	c.enter("nav a:text-is('Today')")
	c.enter("a:text-is('Infusion 1')")
	c.meet("day-before", "Not ready", "35 mg")
	c.enter("a:text-is('Fill in the check-in sheet')")
	c.typed(pair{"identity", "yes"}, pair{"intention", "to rest"}, pair{"state_of_mind", "yes"}, pair{"state_of_mind.words", "calm"}, pair{"fasting_solids_h", "8"}, pair{"fasting_liquids_h", "3"},
		pair{"escort", "yes"}, pair{"escort.words", "a brother"}, pair{"no_alcohol", "yes"}, pair{"nothing_new", "yes"}, pair{"systolic", "118"}, pair{"diastolic", "76"}, pair{"pulse", "68"}, pair{"spo2", "98"},
		pair{"psychotherapist_present", "yes"}, pair{"physician_present", "yes"}, pair{"emergency_ready", "yes"}, pair{"consent_reconfirmed", "yes"})
	c.enter(".buttons button[value=preview]")
	c.enter("button[value=record]:visible")
	c.meet("day-ready", "Ready", "Nothing is missing")
	c.enter("button:text-is('Start the infusion')")
	c.day(10, 13, 0)
	c.enter("button[value=record]:visible")
	c.meet("day-started", "Running")
	for _, r := range []struct {
		minute           int
		systolic, pulses string
	}{{10, "124", "72"}, {20, "131", "74"}, {30, "128", "73"}, {40, "126", "72"}, {50, "122", "70"}} {
		c.day(10, 13, r.minute)
		c.typed(pair{"systolic", r.systolic}, pair{"diastolic", "80"}, pair{"pulse", r.pulses}, pair{"spo2", "98"})
		c.enter("button:text-is('Record now')")
	}
	c.meet("day-running", "minutes since 1:00 PM", "122/80")
	c.enter("summary:has-text('Stop the infusion')")
	c.enter("button:has-text('Yes, stop it now')")
	c.meet("day-stopped", "After the infusion")
	c.day(10, 14, 30)
	c.enter("a:text-is('Record what was given')")
	c.typed(pair{"dose_mg", "35"}, pair{"lot", "A-113"}, pair{"expires_on", c.date(400)}, pair{"waste_mg", "0"})
	c.enter("button:has-text('Record at once')")
	c.enter("a:text-is('Let the client go home')")
	c.enter("button:has-text('Record at once')")
	c.meet("refused-home", "Nothing was recorded", "The client must be alert before the client goes home")
	c.typed(pair{"released_to", "a brother"}, pair{"alert", "yes"}, pair{"walking", "yes"}, pair{"vitals_ok", "yes"}, pair{"instructions_given", "yes"})
	c.enter("button:has-text('Record at once')")
	c.meet("day-home", "Home", "35 mg")
}

// follow: the integration session, the client's answers, and the end of the course. The psychotherapist reads why it cannot end before.
func (c *course) follow() {
	c.as(person.Coordinator)
	c.find()
	c.record("Book a visit", pair{"kind", "integration"}, pair{"start", c.on(11, "14:00")})
	c.day(11, 11, 0)
	c.as(person.Psychotherapist)
	c.find()
	c.meet("not-yet", "What cannot be recorded now, and why")
	c.enter("a:has-text('What cannot be recorded now, and why')")
	c.meet("refused-end", "Complete the course", "Integration 1 is still booked")
	c.day(11, 15, 0)
	c.link("how are you")
	c.meet("client-check-in", "How do you feel now?")
	c.typed(pair{"mood", "6"})
	c.enter("button:text-is('Send my answers')")
	c.meet("client-thanks", "We have your answers")
	c.as(person.Psychotherapist)
	c.about("Integration 1", "Record a session", pair{"note", "what to take into the week"})
	c.day(17, 10, 0)
	c.link("how are you")
	c.typed(pair{"mood", "7"})
	c.enter("button:text-is('Send my answers')")
	c.as(person.Psychotherapist)
	c.find()
	c.record("Complete the course", pair{"summary", "goals reviewed"})
}
