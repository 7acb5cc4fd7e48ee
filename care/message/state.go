package message

// Outcomes of a handled duty.
const (
	ResultSent       = "sent"
	ResultSuppressed = "suppressed"
	ResultExpired    = "expired"
	ResultFailed     = "failed"
	ResultUnknown    = "unknown"  // nobody knows yet whether it left
	ResultDeferred   = "deferred" // not handled: the open hours ended, or the provider was away, before it could be sent
)

// ResultBegun stands in Handled while a duty is under way.
const ResultBegun = "begun"

// States of a letter in the register, which only go forward.
const (
	StatePlanned    = "planned" // kept for another try: it surely did not leave
	StateSending    = "sending"
	StateSent       = "sent"
	StateDelivered  = "delivered"
	StateSuppressed = "suppressed"
	StateExpired    = "expired"
	StateSuperseded = "superseded"
	StateRejected   = "rejected"
	StateUnknown    = "unknown"
)
