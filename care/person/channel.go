package person

// Channel is a way to reach a client.
type Channel string

// The channels. Phone means a person calls.
const (
	SMS   Channel = "sms"
	Email Channel = "email"
	Phone Channel = "phone"
)

// Words say the channel after "by".
func (c Channel) Words() string {
	switch c {
	case SMS:
		return "text message"
	case Email:
		return "email"
	default:
		return string(c)
	}
}
