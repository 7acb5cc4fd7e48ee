package care

var serviceFields = map[string]fieldForm{
	"service":        {label: "Service"},
	"code":           {label: "Service code", hint: "As the insurer names it."},
	"not_covered":    {label: "Not covered"},
	"copay":          {label: "Copay for this service"},
	"coinsurance_bp": {label: "Coinsurance for this service", unit: BasisPoints},
	"allowed":        {label: "Allowed for this service"},
	"share_known":    {label: "The client's share is known", input: InputNone},
}

// coverageFields are those of the draft and of the review; result differs.
func coverageFields(result fieldForm) map[string]fieldForm {
	return map[string]fieldForm{
		"result":                 result,
		"deductible_total":       {label: "Deductible for the year"},
		"deductible_met":         {label: "Deductible met so far"},
		"copay":                  {label: "Copay for a session"},
		"coinsurance_bp":         {label: "Coinsurance", unit: BasisPoints},
		"as_of":                  {label: "Figures as of", input: InputDate},
		"payer":                  {label: "Insurer"},
		"session_limit":          {label: "Sessions covered in a year", unit: Sessions},
		"authorization":          {label: "Authorization number"},
		"copay_after_deductible": {label: "The copay starts after the deductible"},
		"allowed":                {label: "Allowed for a session", hint: "What the insurer accepts as the price."},
		"oop_total":              {label: "Out-of-pocket limit"},
		"oop_met":                {label: "Out-of-pocket paid so far"},
		"sessions_used":          {label: "Sessions used this year", unit: Sessions},
		"authorization_required": {label: "Authorization is needed"},
		"authorization_units":    {label: "Sessions authorized", unit: Sessions},
		"authorization_until":    {label: "Authorization ends", input: InputDate},
		"plan_year_ends":         {label: "Plan year ends", input: InputDate},
		"network":                {label: "Network"},
		"services":               {label: "Services that differ", items: serviceFields},
		"source":                 {label: "Source"},
		"member":                 {label: "Member ID"},
		"plan":                   {label: "Plan"},
		"notes":                  {label: "Notes", input: InputLong},
	}
}

var coverageForms = map[string]factForm{
	"coverage-entered":  {"Enter the insurance coverage", GroupCoverage, coverageFields(fieldForm{label: "Does the insurance pay"})},
	"coverage-reviewed": {"Review the insurance coverage", GroupCoverage, coverageFields(fieldForm{label: "Does the insurance pay", when: "the draft does not say"})},
	"insurer-contacted": {"Record the contact with the insurer", GroupCoverage, map[string]fieldForm{
		"representative": {label: "Who answered"},
		"reference":      {label: "Reference of the call"},
		"answer":         {label: "What they said", input: InputLong, when: "the insurer will not call back"},
		"call_back":      {label: "The insurer calls back by"},
	}},
	"insurer-contact-waived": {"Skip the contact with the insurer", GroupCoverage, nil},
	"fees-discussed": {"Record the talk about fees", GroupCoverage, map[string]fieldForm{
		"summary": {label: "Summary", input: InputLong},
	}},
	"estimate-requested": {"Record that the client wants an estimate", GroupCoverage, nil},
	"estimate-issued": {"Record a good faith estimate", GroupCoverage, map[string]fieldForm{
		"number": {label: "Estimate number"},
		"total":  {label: "Total", when: "lines are given", hint: "Leave total and lines empty for the estimate that Kapflow worked out."},
		"lines": {label: "Lines", items: map[string]fieldForm{
			"item":        {label: "Item"},
			"service":     {label: "Service"},
			"description": {label: "Description"},
			"provider":    {label: "By whom"},
			"fee_set":     {label: "Which fees"},
			"quantity":    {label: "How many"},
			"cents":       {label: "Price", hint: "Give this or the amount."},
			"amount":      {label: "Amount", hint: "Give this or the price."},
		}},
		"infusions": {label: "Infusions it is for", unit: Infusions, hint: "Leave this empty for those planned."},
		"hash":      {label: "Fingerprint of the document", input: InputNone},
	}},
	"package-chosen": {"Record the choice of a package", GroupCoverage, map[string]fieldForm{
		"package":     {label: "Package"},
		"refund_rule": {label: "Refund rule", hint: "Leave this empty for the practice's own."},
	}},
	"package-switched": {"Switch the package", GroupCoverage, map[string]fieldForm{
		"to": {label: "New package"},
	}},
}
