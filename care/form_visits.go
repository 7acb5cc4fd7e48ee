package care

var visitForms = map[string]factForm{
	"appointment-booked": {"Book a visit", GroupVisits, map[string]fieldForm{
		"appointment": {label: "Name of the visit", input: InputNone}, // the next free one; course files and programs may give another,
		"kind":        {label: "Kind of visit"},
		"start":       {label: "Start"},
		"minutes":     {label: "Length", unit: Minutes, hint: "Leave this empty for the usual length."},
		"place":       {label: "Place", of: choosePlace, hint: "Leave this empty for the usual place."},
		"tentative":   {label: "Tentative", loosens: true, hint: "Holds the time until the visit is confirmed."},
	}},
	"appointment-moved": {"Move a visit", GroupVisits, map[string]fieldForm{
		"start":   {label: "New start", when: "place and length stay as they are"},
		"place":   {label: "New place", of: choosePlace},
		"minutes": {label: "New length", unit: Minutes},
	}},
	"appointment-cancelled": {"Cancel a visit", GroupVisits, map[string]fieldForm{
		"side": {label: "Who cancels", when: "the practice records it"},
	}},
	"appointment-confirmed": {"Confirm a visit", GroupVisits, nil},
	"appointment-change-requested": {"Record that the client asks for another time", GroupVisits, map[string]fieldForm{
		"wish": {label: "When it would suit", input: InputLong},
	}},
	"appointment-arrived": {"Record that the client arrived", GroupVisits, nil},
	"session-completed": {"Record a session", GroupVisits, map[string]fieldForm{
		"flexibility": {label: "Flexibility", unit: Points, hint: "1 to 5."},
		"acceptance":  {label: "Acceptance", unit: Points, hint: "1 to 5."},
		"clarity":     {label: "Clarity", unit: Points, hint: "1 to 5."},
	}},
	"appointment-missed": {"Record that the client did not come", GroupVisits, nil},
	"appointment-corrected": {"Correct the outcome of a visit", GroupVisits, map[string]fieldForm{
		"status": {label: "What really happened"},
	}},
	"clinician-unavailable": {"Record a clinician’s absence", GroupVisits, map[string]fieldForm{
		"clinician": {label: "Who is away", of: chooseClinician},
		"from":      {label: "Away from"},
		"to":        {label: "Back from", hint: "From this moment on they can be booked again. After whole days: 12:00 AM of the first day back."},
		"absence":   {label: "Absence", input: InputNone},
	}},
	"absence-ended": {"End a clinician’s absence", GroupVisits, map[string]fieldForm{
		"absence":   {label: "Absence", of: chooseAbsence},
		"at":        {label: "Back from", hint: "Leave this empty if the absence never was."},
		"clinician": {label: "Who was away", input: InputNone},
		"from":      {label: "Away from", input: InputNone},
	}},
}

var medicalForms = map[string]factForm{
	"consult-decided": {"Record the consult's decision", GroupMedical, map[string]fieldForm{
		"appointment": {label: "Consult", of: chooseVisit, hint: "Leave this empty for the next one."},
		"outcome":     {label: "Decision"},
		"reason":      {label: "Reason", input: InputLong, when: "the client is not cleared"},
		"allergies":   {label: "Allergies", input: InputLong},
		"medication":  {label: "Medication", input: InputLong, hint: "What the client takes now."},
	}},
	"labs-ordered": {"Order labs", GroupMedical, map[string]fieldForm{
		"panel": {label: "Panel", hint: "Leave this empty for the practice's own."},
		"payer": {label: "Who pays"},
	}},
	"labs-resulted": {"Enter a lab result", GroupMedical, map[string]fieldForm{
		"status":   {label: "Kind of result"},
		"drawn_on": {label: "Day the sample was drawn", input: InputDate, when: "the result is final or amended and the day is not known yet"},
	}},
	"labs-reviewed": {"Review the labs", GroupMedical, map[string]fieldForm{
		"outcome":     {label: "Finding"},
		"valid_until": {label: "Valid until", input: InputDate, hint: "Leave this empty for the practice's usual time."},
	}},
	"dose-ordered": {"Order the dose", GroupMedical, map[string]fieldForm{
		"dose_mg": {label: "Dose", unit: Milligrams},
		"minutes": {label: "Length", unit: Minutes, hint: "45 to 60."},
		"route":   {label: "Route"},
		"inputs": {label: "What was weighed", hint: "All five are needed.", items: map[string]fieldForm{
			"psychological": {label: "Psychological state", input: InputText},
			"physical":      {label: "Physical state", input: InputText},
			"experience":    {label: "Experience with the medicine", input: InputText, hint: "None is an answer too."},
			"preferences":   {label: "The client's preferences", input: InputText, hint: "None is an answer too."},
			"intent":        {label: "Intent of the treatment", input: InputText},
		}},
		"outside_range_confirmed": {label: "The dose is outside the practice's range, and meant", when: "the dose is outside the practice's range"},
	}},
	"plan-set": {"Set the plan", GroupMedical, map[string]fieldForm{
		"infusions":    {label: "Number of infusions", unit: Infusions, when: "the days between infusions are not given"},
		"spacing_days": {label: "Days between infusions", unit: Days},
		"reason":       {label: "Reason", input: InputLong, when: "a plan stands already, or infusions have begun"},
	}},
}
