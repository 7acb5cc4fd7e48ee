package practice

import "strings"

// The GSM 7-bit alphabet (3GPP TS 23.038). A text of these alone is sent as one message of up to 160 septets;
// one letter outside makes it UCS-2, with room for 70.
const (
	gsmBasic    = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€" // two septets each
)

// smsRoom is how many septets one text message holds.
const smsRoom = 160

// crisisRoom is three of them, joined: a crisis text is the practice's own wording and not cut down to one.
const crisisRoom = 3 * 153

// septets measures a text as a text message. Bad is the first letter that the alphabet lacks, or 0.
func septets(text string) (n int, bad rune) {
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			n++
		case strings.ContainsRune(gsmExtended, r):
			n += 2
		case bad == 0:
			bad = r
		}
	}
	return n, bad
}
