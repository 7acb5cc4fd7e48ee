// Package page serves the clients' pages behind the links in messages: server-rendered, made for a phone, without
// script.
//
// A page is reached in three steps, which [Site] takes alike for all of them (security rules S9 to S12):
//
//  1. The token in the address is looked up by its hash. Unknown, expired, used up and revoked ones get one and the same
//     answer. Mail scanners open every link, so GET and HEAD change nothing.
//  2. The second factor: the date of birth, if the practice holds it, or a code by text message. Before it the page says
//     nothing but the practice's neutral name, its telephone number and its crisis text. The fifth wrong one revokes the
//     link. The right one gives the browser a pass for a quarter of an hour.
//  3. The [Page] that is registered for the link's purpose: Show for GET /TOKEN, and one of its Actions for
//     POST /TOKEN/NAME.
//
// To add a page, for the purpose "check-in" say: write a template into templates/, a function that returns a [Page], and
// register it in [Site.pages]. Show returns the template's name and data. An action does what it does through
// [Visitor.Record], which reports a fact by the role client under the id of the form that was sent, so that a form sent
// twice is one fact; it returns the words the client reads. Forms begin with {{template "form" (form . "name")}}, which
// carries the address and that id. What a page is done for good with, it ends with
// Outcome.Spent; what cannot be taken is shown again with all that was typed (Outcome.Page and Wrong). Nothing a page shows may depend on script, and nothing comes from another host.
package page
