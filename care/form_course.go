package care

var courseForms = map[string]factForm{
	"paused": {"Pause the course", GroupCourse, map[string]fieldForm{
		"until": {label: "Until", input: InputDate},
	}},
	"resumed": {"Resume the course", GroupCourse, map[string]fieldForm{
		"reason": {label: "Reason", input: InputLong, when: "the course was ended"},
	}},
	"course-begun": {"Begin another course", GroupCourse, nil},
	"clinician-assigned": {"Assign another clinician", GroupCourse, map[string]fieldForm{
		"role":      {label: "Role"},
		"clinician": {label: "New clinician", of: chooseClinician},
		"from":      {label: "From", hint: "Leave this empty for now."},
	}},
	"withdrawn": {"Record that the client stops", GroupCourse, map[string]fieldForm{
		"refuse_follow_up": {label: "The client wants no follow-up"},
		"stopped_by":       {label: "Whose decision", by: staff},
	}},
	"moved-away": {"Record that the client moved away", GroupCourse, nil},
	"deceased":   {"Record that the client died", GroupCourse, nil},
	"gate-overridden": {"Open a gate by hand", GroupCourse, map[string]fieldForm{
		"gate": {label: "Gate", of: chooseGate},
	}},
	"course-completed": {"Complete the course", GroupCourse, map[string]fieldForm{
		"summary": {label: "Summary", input: InputLong},
	}},
	"policy-adopted": {"Move to the current policy", GroupCourse, map[string]fieldForm{
		"version": {label: "Version of the policy"},
	}},
}

var moneyForms = map[string]factForm{
	"payment-received": {"Record a payment", GroupMoney, map[string]fieldForm{
		"amount":        {label: "Amount"},
		"method":        {label: "Paid by"},
		"reference":     {label: "Reference", hint: "Such as the check's number."},
		"key":           {label: "Payment number", input: InputNone},
		"processor_fee": {label: "Card fee", hint: "What the card processor kept of the amount."},
		"confirmed":     {label: "I checked that this is right", when: "an equal payment was recorded that day, or the amount is more than the course costs"},
	}},
	"payment-corrected": {"Reverse a payment", GroupMoney, map[string]fieldForm{
		"key":     {label: "Payment", of: choosePayment},
		"dispute": {label: "Card dispute", hint: "Leave this empty if the payment was recorded wrongly."},
	}},
	"fee-waived": {"Waive a fee", GroupMoney, map[string]fieldForm{
		"appointment": {label: "Fee for", of: chooseVisit},
	}},
	"refund-approved": {"Approve a refund", GroupMoney, map[string]fieldForm{
		"fee_set": {label: "Which fees", hint: "Leave this empty for the medical ones."},
		"amount":  {label: "Amount"},
		"key":     {label: "Refund to approve too", of: chooseRefund, hint: "Leave this empty for a new refund. As the second person, choose the refund that waits for you."},
	}},
	"refund-paid": {"Record a paid refund", GroupMoney, map[string]fieldForm{
		"amount": {label: "Amount", hint: "Leave this empty for what was approved."},
		"key":    {label: "Refund", of: chooseRefund},
	}},
	"claim-recorded": {"Record an insurance claim", GroupMoney, map[string]fieldForm{
		"appointment":  {label: "Session", of: chooseVisit},
		"status":       {label: "Where the claim stands"},
		"allowed":      {label: "Allowed", when: "the client owes a part of it"},
		"paid":         {label: "Paid by the insurer"},
		"patient_owes": {label: "Owed by the client"},
		"reference":    {label: "Claim number"},
	}},
}

var messageForms = map[string]factForm{
	"message-status-reported": {"Provider's report on a message", GroupMessages, map[string]fieldForm{
		"message": {label: "Message"},
		"status":  {label: "State"},
		"fault":   {label: "Fault"},
	}},
	"reply-received": {"Reply of the client", GroupMessages, map[string]fieldForm{
		"channel":    {label: "How it came"},
		"text_class": {label: "Meaning"},
		"also":       {label: "It may also mean"},
		"text":       {label: "Text", input: InputLong},
		"concern":    {label: "The client may be in danger"},
		"shared":     {label: "Several clients have this number"},
	}},
	"reply-answered": {"Answer by text or email", GroupMessages, map[string]fieldForm{
		"reply":       {label: "Reply", of: chooseReply},
		"answer":      {label: "Answer", input: InputLong, hint: "At most 320 characters, and nothing about treatment, health or money. Anything of that kind goes behind the link, in up to 2,000 characters."},
		"behind_link": {label: "Put my answer behind the client's secure link", hint: "The message then says only that there is something to read. The client opens it with their date of birth, a code or their PIN."},
	}},
}
