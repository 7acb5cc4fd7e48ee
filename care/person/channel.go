package person

// Channel is a way to reach a client.
type Channel string

// The channels. Phone means a person calls.
const (
	SMS   Channel = "sms"
	Email Channel = "email"
	Phone Channel = "phone"
)
