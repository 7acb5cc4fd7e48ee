package care

import "kapflow/care/person"

// staff are the roles that fill in what a client does not: what they saw, or decided.
var staff = roles{coord, psych, phys, person.Nurse}

// usualZones are the time zones that a form offers; it takes every other one too.
var usualZones = []string{"America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu"}

var clientForms = map[string]factForm{
	"enrolled": {"Enroll a client", GroupClient, map[string]fieldForm{
		"presenting":      {label: "Presenting problems", hint: "Choose at least one."},
		"physician":       {label: "Physician", of: choosePhysician, hint: "Leave this empty for the practice's first physician."},
		"psychotherapist": {label: "Psychotherapist", of: chooseTherapist, hint: "Leave this empty for the practice's first psychotherapist."},
		"channels":        {label: "Ways to reach the client"},
	}},
	"contact-changed": {"Change contact details", GroupClient, map[string]fieldForm{
		"phone":          {label: "Phone", input: InputPhone, when: "nothing else changes", hint: "With area code, such as (303) 555-0142."},
		"email":          {label: "Email", input: InputEmail, when: "nothing else changes"},
		"preferred_name": {label: "Preferred name", when: "nothing else changes"},
		"pronouns":       {label: "Pronouns", when: "nothing else changes", hint: "As the client says them, such as she/her."},
		"birth_date":     {label: "Date of birth", input: InputDate, when: "nothing else changes"},
		"pin":            {label: "PIN for links", when: "nothing else changes", hint: "6 to 12 digits, agreed in person. It opens the links in messages."},
		"timezone":       {label: "Time zone", when: "nothing else changes", hint: "Where the client lives. Choose one, or write another, such as Europe/Berlin.", offers: usualZones},
	}},
	"messaging-consent-recorded": {"Record the consent to messages", GroupClient, map[string]fieldForm{
		"channel": {label: "How"},
		"granted": {label: "The client agrees", hint: "Leave this empty if they do."},
		"wording": {label: "Version of the consent"},
		"detail":  {label: "How much a message may say"},
	}},
	"screening-recorded": {"Record the screening", GroupClient, map[string]fieldForm{
		"criteria_met": {label: "The acceptance criteria are met"},
		"prefers_kap":  {label: "The client wants this therapy"},
		"flags":        {label: "Flags for the physician", hint: "One on each line, such as pregnancy."},
	}},
	"flag-decided": {"Decide about a flag", GroupClient, map[string]fieldForm{
		"flag":     {label: "Flag", of: chooseFlag},
		"decision": {label: "Decision"},
	}},
	"goals-recorded": {"Record intention and goals", GroupClient, map[string]fieldForm{
		"intention": {label: "Intention", input: InputLong, when: "neither values nor goals are given"},
		"values":    {label: "Values", input: InputLong},
		"actions":   {label: "Goals", input: InputLong, hint: "What the client wants to do."},
	}},
	"education-given": {"Record the education", GroupClient, map[string]fieldForm{
		"material": {label: "Material", hint: "The leaflet or its version."},
	}},
	"consent-signed": {"Record a signed consent", GroupClient, map[string]fieldForm{
		"service":          {label: "For which services"},
		"document_version": {label: "Version of the document", hint: "Leave this empty for the current one."},
	}},
}
