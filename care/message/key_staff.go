package message

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"kapflow/care/clock"
)

// Some messages are no notifications of a chart: mails to staff, and a code that a client asks for. Their keys are names
// only. Nobody reads them back.

// TaskKey names one time at which one person owed one task, so that they are told of it once.
func TaskKey(client, who, task string, due time.Time) string {
	return strings.Join([]string{"task", client, who, task, due.UTC().Format(time.RFC3339)}, "/")
}

// Key names what stands on the coordinator's list, so that they are told of it once.
func (m WorklistItem) Key() string { return "matter/" + string(m.Kind) + "/" + m.About }

// KeyFor names what stands on the list for one more address that hears of it.
func (m WorklistItem) KeyFor(address string) string { return m.Key() + "/" + address }

// TextKeyFor names the text to one person about what stands on the list.
func (m WorklistItem) TextKeyFor(who string) string { return m.Key() + "/text/" + who }

// StaffTextKey names the text to one person about an alert. Whoever is told in two roles gets one text.
func StaffTextKey(client string, alert Key, who string) string {
	return strings.Join([]string{"text", client, string(alert.Verb), alert.Subject, who}, "/")
}

// TaskMailKey names a mail about a client's tasks by the keys of the tasks it tells of.
func TaskMailKey(client string, told []string) string { return client + "/task/" + digest(told) }

// WorklistMailKey names a mail about the coordinator's list by the keys of what it tells of.
func WorklistMailKey(told []string) string { return "matter/" + digest(told) }

func digest(told []string) string {
	sum := sha256.Sum256([]byte(strings.Join(told, "\n")))
	return hex.EncodeToString(sum[:8])
}

// MorningListKey names a reader's list of a day by the practice's clock. The coordinator's list has no reader's id.
func MorningListKey(reader string, zone clock.Zone, day time.Time) string {
	if reader != "" {
		reader += "/"
	}
	return "morning-list/" + reader + zone.Local(day).Format("2006-01-02")
}

// CodeKey names the text with a link's code. Every code is another text.
func CodeKey(client string, asked time.Time) string {
	return fmt.Sprintf("%s/code/%d", client, asked.UnixNano())
}

// EmergencyKey names the mail that tells an owner that somebody took emergency access.
func EmergencyKey(who, owner string, at time.Time) string {
	return fmt.Sprintf("emergency/%s/%s/%d", who, owner, at.UnixNano())
}
