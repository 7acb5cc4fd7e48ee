// Package page serves the clients' pages behind the links in messages. Pages are rendered on the server, made for
// phones, and need no script.
//
// [Site] opens every page in three steps (security rules S9 to S12):
//
//  1. It looks up the token in the address by its hash. Unknown, expired, used and revoked tokens get the same answer.
//     GET and HEAD change nothing, because mail scanners open every link.
//  2. It asks for a second factor: the date of birth, if the practice has it, or a code by text message. Until then the
//     page shows only the practice's neutral name, its phone number and its crisis text. The fifth wrong answer revokes
//     the link. The right answer gives the browser a pass for 15 minutes.
//  3. It calls the [Page] for the link's purpose: Show for GET /TOKEN, or one of its Actions for POST /TOKEN/NAME.
//
// To add a page, for the purpose "check-in" say: write a template in templates/, write a function that returns a
// [Page], and add it to [Site.pages]. Show returns the template's name and data. An action reports a fact with
// [Visitor.Record], in the role client and under the id of the form, so that a form sent twice is one fact. It returns
// the words that the client reads. A form begins with {{template "form" (form . "name")}}, which adds the address and
// that id. An action that closes the link for good sets Outcome.Spent. An input that cannot be accepted is shown again
// with the client's input (Outcome.Page and Wrong). Pages must work without script and load nothing from another host.
package page
