package messaging

import (
	"strconv"

	"kapflow/care"
)

// twilioFaults sorts Twilio's error codes by what to do about them (05-messages 1.5). A code that stands here nowhere
// is care.FaultUnrecognised: Twilio warns that codes come and change.
var twilioFaults = map[int]struct {
	fault care.Fault
	words string
}{
	21211: {care.FaultAddress, "the number does not exist"},
	21214: {care.FaultAddress, "the number cannot be reached"},
	21217: {care.FaultAddress, "the number is not written as a number"},
	21604: {care.FaultAddress, "there is no number"},
	21612: {care.FaultAddress, "the number cannot be reached from ours"},
	21614: {care.FaultAddress, "the number takes no texts"},
	30005: {care.FaultAddress, "nobody knows the number"},
	30006: {care.FaultAddress, "the number is a landline or takes no texts"},

	21610: {care.FaultOptedOut, "the number has opted out at the carrier"},

	21602: {care.FaultContent, "the text is empty"},
	21617: {care.FaultContent, "the text is too long"},
	30004: {care.FaultContent, "the carrier blocked the message"},
	30007: {care.FaultContent, "the carrier filtered the message"},
	30450: {care.FaultContent, "the message was blocked for its content"},

	20003: {care.FaultConfiguration, "Twilio refuses our credentials"},
	20004: {care.FaultConfiguration, "our Twilio account may not send"},
	20008: {care.FaultConfiguration, "the Twilio credentials are test credentials"},
	20404: {care.FaultConfiguration, "Twilio does not know our account"},
	21222: {care.FaultConfiguration, "TWILIO_API_KEY has a character that no key has"},
	21224: {care.FaultConfiguration, "TWILIO_API_SECRET has a character that no secret has"},
	21408: {care.FaultConfiguration, "our Twilio account may not text this country"},
	21606: {care.FaultConfiguration, "our sender may not send texts"},
	21701: {care.FaultConfiguration, "Twilio does not know our messaging service"},
	21703: {care.FaultConfiguration, "our messaging service has no number"},
	30002: {care.FaultConfiguration, "our Twilio account is suspended"},
	30034: {care.FaultConfiguration, "our number is not registered for texts (A2P 10DLC)"},

	20429: {care.FaultThrottle, "Twilio asks to wait"},
	21611: {care.FaultThrottle, "Twilio's queue is full"},
	30001: {care.FaultThrottle, "Twilio's queue is full"},

	30610: {care.FaultQuiet, "Twilio holds texts back at this hour"},
	30640: {care.FaultPerson, "the receiver is known to sue over texts"},

	30003: {care.FaultTransient, "the phone is off or out of reach"},
	30008: {care.FaultTransient, "the carrier gave no reason"},
	30500: {care.FaultTransient, "Twilio had a fault of its own"},
	20500: {care.FaultAmbiguous, "Twilio failed while it had the message"},

	30036: {care.FaultStale, "it waited too long in Twilio's queue"},
}

// twilioFault gives a code's kind, and words for the coordinator.
func twilioFault(code int) (care.Fault, string) {
	if row, known := twilioFaults[code]; known {
		return row.fault, row.words + " (" + strconv.Itoa(code) + ")"
	}
	return care.FaultUnrecognised, "Twilio gave a reason that Kapflow does not know (" + strconv.Itoa(code) + ")"
}
