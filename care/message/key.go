package message

import (
	"slices"
	"strings"
)

// crisisPrefix begins the key of every crisis text.
const CrisisPrefix = "crisis/"

// CrisisKey tells the key of a crisis text, which is the practice's own wording and may take three text messages.
func CrisisKey(notification string) bool { return strings.HasPrefix(notification, CrisisPrefix) }

// mustArrive says whether a person tells the client what a message could not in time: that a visit was booked, moved or
// cancelled, and how to prepare for it.
func MustArrive(key string) bool {
	verb, _, _ := strings.Cut(key, "/")
	return slices.Contains([]string{"booked", "moved", "cancelled", "instruct"}, verb)
}

// lastResort: what went the other way already is followed by a person, not by more letters.
func LastResort(d Notification) bool { return strings.HasSuffix(d.Key, "/"+FollowInstead) }

// originKey gives the key of the duty that a duty's key follows, or the key itself.
func OriginKey(key string) string {
	for _, do := range []string{FollowLook, FollowAgain, FollowInstead} {
		if of, follows := strings.CutSuffix(key, "/"+do); follows {
			return of
		}
	}
	return key
}

func Origin(d Notification) string { return OriginKey(d.Key) }
