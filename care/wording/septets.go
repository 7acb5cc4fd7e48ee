package wording

import "strings"

// The GSM 7-bit default alphabet (3GPP TS 23.038). A text with any other letter is sent as UCS-2, which leaves 70 letters
// to a message and costs more.
const (
	GSM7          = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	GSM7Extension = "\f^{}\\[~]|€" // two septets each
)

const (
	// TextRoom is the room of one text message, in septets. A longer one is cut into parts that are paid one by one and
	// may arrive in any order.
	TextRoom = 160
	// LongRoom is the room of three parts, each of which gives up seven septets for being joined: a crisis text is the
	// practice's own wording, an answer was typed by a person, and nobody shortens them.
	LongRoom = 3 * 153
)

// Septets counts the room that a text takes in a text message. Bad is its first letter that the alphabet lacks, or 0.
func Septets(text string) (n int, bad rune) {
	for _, r := range text {
		switch {
		case strings.ContainsRune(GSM7, r):
			n++
		case strings.ContainsRune(GSM7Extension, r):
			n += 2
		case bad == 0:
			bad = r
		}
	}
	return n, bad
}
