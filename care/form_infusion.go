package care

import "kapflow/care/wording"

// theStart is what the check-in sheet is needed for: several people fill it in, each a part.
const theStart = "the start"

var infusionForms = map[string]factForm{
	"readiness-answered": {"Record how the client comes to the infusion", GroupInfusion, map[string]fieldForm{
		"fasting":     {label: "The client will have fasted"},
		"escort":      {label: "An adult takes the client home", words: "Who"},
		"no_alcohol":  {label: "No alcohol"},
		"nothing_new": {label: "Nothing new about their health", hint: "No illness, medicine or pregnancy since the consult."},
		"note":        {label: "What the client says besides", input: InputLong},
		"concern":     {label: "The client may be in danger", by: staff, loosens: true},
	}},
	"infusion-checked-in": {"Fill in the check-in sheet", GroupInfusion, map[string]fieldForm{
		"identity":                {label: "Identity checked", before: theStart, words: "How", hint: "Name and date of birth."},
		"intention":               {label: "Intention", input: InputText, before: theStart, hint: "In the client's words."},
		"state_of_mind":           {label: "State of mind checked", before: theStart, words: "How the client is"},
		"fasting_solids_h":        {label: "Last solid food", unit: HoursAgo, before: theStart},
		"fasting_liquids_h":       {label: "Last liquids", unit: HoursAgo, before: theStart},
		"escort":                  {label: "An adult takes the client home", before: theStart, words: "Who"},
		"no_alcohol":              {label: "No alcohol", before: theStart},
		"nothing_new":             {label: "Nothing new about their health", hint: "No illness, medicine or pregnancy since the consult. If there is something new, choose no: the physician decides."},
		"systolic":                {label: "Systolic blood pressure", unit: Pressure, before: theStart, hint: "The upper value."},
		"diastolic":               {label: "Diastolic blood pressure", unit: Pressure, before: theStart, hint: "The lower value."},
		"pulse":                   {label: "Pulse", unit: PerMinute, before: theStart},
		"spo2":                    {label: "Oxygen", unit: Percent, before: theStart},
		"psychotherapist_present": {label: "The psychotherapist is present", before: theStart},
		"physician_present":       {label: "The physician is present", before: theStart},
		"emergency_ready":         {label: "Emergency equipment is ready", before: theStart},
		"physician_decision":      {label: "The physician decided to go ahead with this blood pressure", before: theStart + " if the blood pressure is outside the limits", words: "The decision"},
		"physician_reason":        {label: "The physician's reason", input: InputLong, before: theStart + " if the blood pressure is at the stop limit", by: roles{phys}},
		"consent_reconfirmed":     {label: "The client still agrees"},
	}},
	"infusion-started":         {"Start the infusion", GroupInfusion, nil},
	"vitals-recorded":          {"Record vital signs", GroupInfusion, nil},
	"psychotherapist-left":     {"Psychotherapist left the room", GroupInfusion, nil},
	"psychotherapist-returned": {"Psychotherapist came back", GroupInfusion, nil},
	"adverse-event-recorded": {"Record an adverse event", GroupInfusion, map[string]fieldForm{
		"appointment": {label: "Visit", of: chooseVisit, hint: "Leave this empty if it was at no visit."},
		"severity":    {label: "How severe"},
		"kind":        {label: "What happened", hint: "One or two words, such as nausea."},
		"action":      {label: "What was done", input: InputLong},
		"told":        {label: "Who was told"},
		"outcome":     {label: "How it ended", input: InputLong},
	}},
	"infusion-stopped": {"Stop the infusion", GroupInfusion, map[string]fieldForm{
		"reason": {label: "Reason", input: InputLong, when: "it ran for less than 45 or more than 60 minutes"},
	}},
	"drug-given": {"Record what was given", GroupInfusion, map[string]fieldForm{
		"dose_mg":    {label: "Dose given", unit: Milligrams},
		"lot":        {label: "Lot", when: "the practice records lots", hint: "As printed on the vial."},
		"expires_on": {label: "Expires on", input: InputDate, when: "the practice records lots"},
		"drawn_mg":   {label: "Drawn from the vial", unit: Milligrams, hint: "It must be what was given and what was destroyed together."},
		"confirmed":  {label: "I checked that this is right", when: "the dose is above the order, or the drug has expired"},
		"waste_mg":   {label: "Rest destroyed", unit: Milligrams, when: "the practice records what was destroyed"},
		"witness":    {label: "Witness", of: chooseClinician, when: "a rest was destroyed", hint: "Who saw it destroyed; not the person who records it."},
	}},
	"processing-noted": {"Write the processing note", GroupInfusion, nil},
	"client-discharged": {"Let the client go home", GroupInfusion, map[string]fieldForm{
		"released_to":        {label: "Who takes the client home", input: InputText, hint: "In words: the adult's name, or who they are to the client."},
		"alert":              {label: "The client is alert"},
		"walking":            {label: "The client walks safely"},
		"vitals_ok":          {label: "Vital signs are fine"},
		"instructions_given": {label: "Instructions were given"},
	}},
}

var safetyForms = map[string]factForm{
	"check-in-answered": {"Record the answers to a check-in", GroupSafety, map[string]fieldForm{
		"check_in":     {label: "Check-in", of: chooseCheckIn},
		"mood":         {label: "Mood", unit: Points, hint: "0 to 10."},
		"phq9":         {label: "PHQ-9"},
		"gad7":         {label: "GAD-7"},
		"side_effects": {label: "Side effects", offers: SideEffects()},
		"comment":      {label: "Comment", input: InputLong},
		"concern":      {label: "The client may be in danger", by: staff},
	}},
	"risk-assessed": {"Record a risk assessment", GroupSafety, map[string]fieldForm{
		"instrument": {label: "Instrument", hint: "Such as C-SSRS."},
		"outcome":    {label: "Level of risk"},
	}},
	"hold-placed": {"Put the course on hold", GroupSafety, map[string]fieldForm{
		"risk": {label: "The client may be in danger", hint: "Sends the client what to do in a crisis."},
	}},
	"hold-released": {"Release the hold", GroupSafety, nil},
	"alert-acknowledged": {"Acknowledge an alert", GroupSafety, map[string]fieldForm{
		"alert":   {label: "Alert", of: chooseAlert, hint: "Leave this empty for the oldest one of yours."},
		"action":  {label: "What was done", input: InputLong},
		"concern": {label: "The client may be in danger"},
	}},
	"integration-waived": {"Waive the integration session", GroupSafety, map[string]fieldForm{
		"infusion": {label: "Infusion", of: chooseVisit},
	}},
}

// questionsOf gives how many questions the questionnaire of a field has; 0 if the field is none.
func questionsOf(field string) int {
	for _, form := range []Instrument{PHQ9, GAD7} {
		if form.Name == field {
			return form.Items
		}
	}
	return 0
}

// questionTexts are the words of the questionnaires, by field.
var questionTexts = map[string][]string{PHQ9.Name: wording.PHQ9Items, GAD7.Name: wording.GAD7Items}

// questionFields are the questions of a questionnaire of n questions.
func questionFields(name string, n int) []Field {
	answers := make([]Choice, highestAnswer+1)
	for i, label := range []string{"Not at all", "Several days", "More than half the days", "Nearly every day"} {
		answers[i] = Choice{Value: itoa(i), Label: label}
	}
	out := make([]Field, n)
	for i := range out {
		out[i] = Field{Name: itoa(i), Type: "number", Label: "Question " + itoa(i+1), Hint: questionTexts[name][i], Input: InputChoice, Choices: answers, Required: true}
	}
	return out
}
