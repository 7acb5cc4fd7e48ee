package messaging

import "strings"

// The GSM 7-bit default alphabet (3GPP TS 23.038). A letter of the extension takes two septets. A text with any
// other letter is sent as UCS-2, which leaves 70 letters to a message and costs more.
const (
	gsm7Basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsm7Extension = "\f^{}\\[~]|€"
)

// oneMessage is the room of a single text message. A longer one is cut into parts that are paid one by one and
// may arrive in any order.
const oneMessage = 160

// threeMessages is the room of three parts, each of which gives up seven septets for being joined.
const threeMessages = 3 * 153

// Septets counts the room that a text takes in a text message; ok is false when a letter is not in the alphabet.
func Septets(text string) (n int, ok bool) {
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsm7Basic, r):
			n++
		case strings.ContainsRune(gsm7Extension, r):
			n += 2
		default:
			return n, false
		}
	}
	return n, true
}
