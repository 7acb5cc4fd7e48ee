// Package signin knows who is signed in to the staff console. It holds sessions, passkeys, sign-in through the practice's own
// identity provider (OIDC), invitations, and emergency access. It serves the pages of all that; every other page asks Session.
//
// Nobody has a password. Who somebody is comes from the practice file at every request, so whoever is taken off it is out at once.
// Each sign-in, failure, sign-out and change leaves a row in the audit log, through the desk, before it takes effect.
package signin
