package care

// choiceLabels say values as people do: by field, or for any field.
var choiceLabels = map[string]map[string]string{
	"": {
		"depression": "Depression", "anxiety": "Anxiety", SubstanceFlag: "Substance dependence",
		"sms": "Text message", "email": "Email", "phone": "Phone",
		"medical": "Medical services", "psychotherapy": "Psychotherapy",
		"physician": "Physician", "psychotherapist": "Psychotherapist", "client": "The client", "clinician": "A clinician", "practice": "The practice",
		"evaluation": "Evaluation", "preparation": "Preparation session", "consult": "Physician's consult", "infusion": "Infusion", "integration": "Integration session", "session": "Session",
		"cleared": "Cleared", "other": "Something else", "paid": "Paid",
	},
	"timezone": {"America/New_York": "Eastern", "America/Chicago": "Central", "America/Denver": "Mountain", "America/Phoenix": "Mountain, without daylight saving time (Arizona)",
		"America/Los_Angeles": "Pacific", "America/Anchorage": "Alaska", "Pacific/Honolulu": "Hawaii"},
	"detail":         {"minimal": "As little as possible", "appointment-time": "With the time of the visit"},
	"decision":       {"proceed": "Go ahead", "hold": "Wait", "decline": "Decline the client"},
	"result":         {"pays": "It pays", "does-not-pay": "It does not pay", "partly": "It pays a part", "unknown": "Nobody knows yet"},
	"network":        {"in": "In network", "out": "Out of network", "unknown": "Not known"},
	"source":         {"phone": "Phone call", "portal": "Insurer's website", "api": "Automatic question", "client": "The client"},
	"package":        {"none": "Single infusions", "six": "Package of 6", "ten": "Package of 10"},
	"to":             {"six": "Package of 6", "ten": "Package of 10"},
	"refund_rule":    {"rate_card": "Used infusions at the single price", "pro_rata": "The unused share of the price", "flat": "A fixed amount for each unused infusion", "none_after_start": "Nothing once infusions have begun"},
	"side":           {"client": "The client", "practice": "The practice"},
	"status":         {"fulfilled": "It was held", "noshow": "The client did not come", "cancelled": "It was canceled", "preliminary": "Preliminary", "final": "Final", "amended": "Amended", "draft": "Draft", "submitted": "Sent to the insurer", "rejected": "Sent back by the insurer", "accepted": "Accepted, no decision yet", "adjudicated": "Decided", "paid": "Paid", "denied": "Denied", "appealed": "Appealed", "closed": "Closed"},
	"outcome":        {"cleared": "Cleared", "deferred": "Deferred: another consult is needed", "declined": "Declined", "abnormal": "Abnormal", "none": "No risk", "low": "Low risk", "high": "High risk: hold everything"},
	"pregnancy_test": {"negative": "Negative", "positive": "Positive", "not-needed": "Not needed"},
	"payer":          {"insurance": "Insurance", "self": "The client"},
	"route":          {routeDrip: "IV drip"},
	"severity":       {"mild": "Mild", "moderate": "Moderate", "severe": "Severe"},
	"side_effects": {"bladder": "Bladder trouble", "memory": "Memory trouble", "craving": "Cravings", "nausea": "Nausea", "headache": "Headache", "dizziness": "Dizziness",
		"sleep": "Trouble sleeping", "blurred-vision": "Blurry vision", "unreal": "Feeling unreal", "heart": "Heart racing or uneven", "low-mood": "Low mood", "other": "Something else"},
	"method":     {"cash": "Cash", "check": "Check", "card": "Card", "hsa": "HSA or FSA card", "insurer": "The insurer"},
	"dispute":    {"opened": "The bank took the money back for now", "won": "The practice won", "lost": "The practice lost"},
	"text_class": replyLabels,
	"also":       replyLabels,
	"gate": {GateAcceptance: "Acceptance", GateCoverage: "Insurance coverage", GateInsurer: "Contact with the insurer", GateFees: "Talk about fees", GateEvaluation: "Evaluation", GatePrep: "Preparation sessions",
		GateConsult: "Physician's consult", GateLabs: "Labs", GateFlags: "Flags", GateEducation: "Education", GateConsent: "Consents", GateDose: "Dose order", GateClinicians: "Clinicians", GateEstimate: "Good faith estimate",
		GatePayment: "Payment", GateSpacing: "Days between infusions", GateFollowUp: "Follow-up", GateHold: "Hold or pause"},
}

var replyLabels = map[string]string{"stop": "No more texts", "start": "Texts again", "help": "Who writes", "confirm": "The client comes", "wrong-number": "Wrong number", "reaction": "A like or a quotation", "other": "A person reads it", "visit": "The visit was meant"}
