package staff

import "kapflow/care"

// route is one page: its address, the place in the navigation under which it stands, and what makes it. A page asks the desk for
// all that it shows, so it has no way around the rules of access and the audit log.
type route struct {
	pattern string
	place   place
	page    func(*visitor) error
}

// place is a place of the navigation.
type place string

// The places.
const (
	placeToday    place = "today"
	placeBoard    place = "board"
	placeCalendar place = "calendar"
	placeInbox    place = "inbox"
	placeMoney    place = "money"
	placePractice place = "practice"
	placeMe       place = "me"
)

// routes are all pages.
var routes = []route{
	{"GET /{$}", placeToday, landing},
	{"GET /today", placeToday, today},
	{"GET /inbox", placeInbox, inbox},
	{"POST /inbox", placeInbox, inboxPosted},
	{"POST /inbox/assign", placeInbox, replyAssigned},
	{"POST /find", placeBoard, find},
	{"GET /board", placeBoard, board},
	{"GET /c/{client}", placeBoard, client},
	{"GET /c/{client}/messages", placeBoard, clientMessages},
	{"GET /c/{client}/answers", placeBoard, answers},
	{"GET /c/{client}/history", placeBoard, history},
	{"GET /c/{client}/access", placeBoard, clientAccess},
	{"GET /c/{client}/money", placeBoard, account},
	{"GET /c/{client}/papers", placeBoard, papers},
	{"GET /c/{client}/papers/{paper}", placeBoard, paper},
	{"GET /c/{client}/record", placeBoard, notYet},
	{"GET /c/{client}/record/{fact}", placeBoard, showForm},
	{"POST /c/{client}/record/{fact}", placeBoard, formPosted},
	{"GET /c/{client}/infusion/{visit}", placeBoard, infusion},
	{"GET /c/{client}/visits/{visit}", placeBoard, oneVisit},
	{"POST /draft", placeBoard, draftPosted},
	{streamPattern, placeBoard, live},
	{"GET /practice/record/{fact}", placeCalendar, showWideForm},
	{"POST /practice/record/{fact}", placeCalendar, widePosted},
	{"GET /calendar", placeCalendar, thisWeek},
	{"GET /calendar/{week}", placeCalendar, calendar},
	{"GET /money", placeMoney, moneyOwed},
	{"GET /money/compare", placeMoney, comparePlans},
	{"GET /money/months", placeMoney, months},
	{"GET /money/months/{month}", placeMoney, month},
	{"POST /money/months/{month}", placeMoney, monthClosed},
	{"GET /money/months/{month}/{set}", placeMoney, monthJournal},
	{"GET /reports", placePractice, reports},
	{"GET /practice", placePractice, practiceInForce},
	{"GET /practice/check", placePractice, showCheckPractice},
	{"POST /practice/check", placePractice, checkPractice},
	{"GET /practice/rehearse", placePractice, showRehearse},
	{"POST /practice/rehearse", placePractice, rehearse},
	{"GET /me", placeMe, me},
	{"POST /me/feed", placeMe, feedPosted},
	{"GET /enroll", placeBoard, showEnroll},
	{"POST /enroll", placeBoard, enrollPosted},
	{"GET /enroll/csv", placeBoard, showEnrollFile},
	{"POST /enroll/csv", placeBoard, enrollFilePosted},
}

// nowhere is the page of every other address.
var nowhere = route{page: func(v *visitor) error {
	return care.Refuse("page", care.CodeUnknownFact, "There is no page at this address. The navigation above leads to all of them.", "")
}}
