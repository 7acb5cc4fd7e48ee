package staff

import (
	"regexp"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/record"
)

// sees says whether the person sees a part of a page (the table in access/part.go).
func (v *visitor) sees(part access.Part) bool { return v.who.Sees(part, v.now) }

// amounts are sums of money in a sentence.
var amounts = regexp.MustCompile(`-?\$[0-9][0-9,]*(\.[0-9]{2})?`)

// plain gives a sentence without its amounts to somebody who sees no money.
func (v *visitor) plain(sentence string) string {
	if v.sees(access.Money) {
		return sentence
	}
	return amounts.ReplaceAllString(sentence, "an amount")
}

// partsFor gives what recording a report would change, without the money for somebody who sees none.
func (v *visitor) partsFor(p record.Preview) []record.Part {
	if !v.sees(access.Money) {
		p.Money = nil
	}
	parts := p.Parts()
	for _, part := range parts {
		for i := range part.Lines {
			part.Lines[i] = v.plain(part.Lines[i])
		}
	}
	return parts
}

// mayReadLine says whether a line of the history is for the person: who sees no money reads no lines about it.
func (v *visitor) mayReadLine(l record.HistoryLine) bool {
	if v.sees(access.Money) {
		return true
	}
	kind, known := care.KindNamed(l.What)
	aboutMoney := l.Type == "ledger" || l.Type == "fact" && known && (kind.Section == care.SectionMoney || kind.Section == care.SectionCoverage)
	return !aboutMoney
}
