package messaging

import (
	"strconv"

	"kapflow/care/message"
)

// twilioFaults sorts Twilio's error codes by what to do about them (message rule M5). A code that is not in the table
// is FaultUnrecognised: Twilio warns that codes are added and changed.
var twilioFaults = map[int]struct {
	fault message.Fault
	words string
}{
	21211: {message.FaultAddress, "the number does not exist"},
	21214: {message.FaultAddress, "the number cannot be reached"},
	21217: {message.FaultAddress, "the number is not valid"},
	21604: {message.FaultAddress, "the number is missing"},
	21612: {message.FaultAddress, "the number cannot be reached from ours"},
	21614: {message.FaultAddress, "the number cannot receive texts"},
	30005: {message.FaultAddress, "the number is unknown"},
	30006: {message.FaultAddress, "the number is a landline or cannot receive texts"},

	21610: {message.FaultOptedOut, "the number has opted out at the carrier"},

	21602: {message.FaultContent, "the text is empty"},
	21617: {message.FaultContent, "the text is too long"},
	30004: {message.FaultContent, "the carrier blocked the message"},
	30007: {message.FaultContent, "the carrier filtered the message"},
	30450: {message.FaultContent, "the message was blocked for its content"},

	20003: {message.FaultConfiguration, "Twilio refuses our credentials"},
	20004: {message.FaultConfiguration, "our Twilio account may not send"},
	20008: {message.FaultConfiguration, "the Twilio credentials are only for tests"},
	20404: {message.FaultConfiguration, "Twilio does not know our account"},
	21222: {message.FaultConfiguration, "TWILIO_API_KEY has a character that is not allowed"},
	21224: {message.FaultConfiguration, "TWILIO_API_SECRET has a character that is not allowed"},
	21408: {message.FaultConfiguration, "our Twilio account may not text this country"},
	21606: {message.FaultConfiguration, "our sender may not send texts"},
	21701: {message.FaultConfiguration, "Twilio does not know our messaging service"},
	21703: {message.FaultConfiguration, "our messaging service has no number"},
	30002: {message.FaultConfiguration, "our Twilio account is suspended"},
	30034: {message.FaultConfiguration, "our number is not registered for texts (A2P 10DLC)"},

	20429: {message.FaultThrottle, "Twilio asks us to wait"},
	21611: {message.FaultThrottle, "Twilio's queue is full"},
	30001: {message.FaultThrottle, "Twilio's queue is full"},

	30610: {message.FaultQuiet, "Twilio does not send texts at this hour"},
	30640: {message.FaultPerson, "the recipient is known to sue over texts"},

	30003: {message.FaultTransient, "the phone is off or out of reach"},
	30008: {message.FaultTransient, "the carrier gave no reason"},
	30500: {message.FaultTransient, "Twilio had an internal error"},
	20500: {message.FaultAmbiguous, "Twilio failed while handling the message"},

	30036: {message.FaultStale, "it waited too long in Twilio's queue"},
}

// twilioFault gives a code's class, with words for the coordinator.
func twilioFault(code int) (message.Fault, string) {
	if row, known := twilioFaults[code]; known {
		return row.fault, row.words + " (" + strconv.Itoa(code) + ")"
	}
	return message.FaultUnrecognised, "Twilio gave a reason that Kapflow does not know (" + strconv.Itoa(code) + ")"
}
