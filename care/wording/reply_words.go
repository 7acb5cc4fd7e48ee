package wording

// The lists that ReadReply compares a text with. They are folded: small letters, no accents, no apostrophes.
var (
	// politeWords stand around what a text says and change nothing about it.
	politeWords = []string{"please", "pls", "plz", "plse", "pleas", "thanks", "thank", "thx", "ty", "you", "u", "hi", "hello", "hey", "kindly", "just", "now", "so", "very", "much",
		"sorry", "por", "favor", "gracias", "bitte", "danke", "merci"}

	// leadingWords may come before a word that stops.
	leadingWords = []string{"ok", "okay", "yes", "no", "nope", "actually", "then", "and"}

	// stopWords are the words of carriers, in some spellings. They count as the whole text or as its first word.
	stopWords = []string{"stop", "stopall", "stopp", "stoppp", "sttop", "stpo", "sotp", "st0p", "unsubscribe", "unsuscribe", "unsubcribe", "unsubscibe", "unsubscrib",
		"unsubscribed", "optout", "arret", "alto", "parar", "basta"}
	// endWords and cancelWords have other meanings, so they count only if the text has no others beside them.
	endWords = []string{"end", "quit", "revoke"}
	// loneWords are ordinary words of other languages, which end texts only alone.
	loneWords   = []string{"baja", "pare", "para", "detener", "fin"}
	cancelWords = []string{"cancel", "cancelar", "cancelall"}
	aboutTexts  = []string{"all", "everything", "it", "this", "these", "the", "my", "me", "any", "more", "text", "texts", "texting", "txt", "txts", "message", "messages", "messaging", "msg", "msgs",
		"sms", "reminder", "reminders", "notification", "notifications", "subscription", "consent", "sending", "again"}
	// aboutVisits tell a wish about a visit or the treatment from a wish to hear nothing more.
	aboutVisits = []string{"visit", "visits", "appointment", "appointments", "appt", "appts", "session", "sessions", "treatment", "treatments", "therapy", "infusion", "infusions", "medication",
		"by", "tomorrow", "today", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "of"}
	// stopPhrases count wherever they stand.
	stopPhrases = []string{"stop texting", "stop messaging", "stop sending", "stop contacting", "stop bothering", "stop spamming", "stop receiving", "stop getting", "stop these", "stop the texts",
		"stop the messages", "stop the reminders", "stop all texts", "stop all messages", "stop all the", "stop texts", "stop messages", "stop reminders", "stop your texts", "stop your messages",
		"quit texting", "quit messaging", "quit sending", "do not text", "dont text", "don t text", "do not message", "dont message", "do not contact me", "dont contact me", "do not send",
		"dont send", "no more texts", "no more text", "no more messages", "no more reminders", "no more please", "please no more", "no texts", "remove me", "remove my number", "delete my number",
		"lose my number", "take me off", "opt out", "opt me out", "unsubscribe me", "leave me alone", "do not want these texts", "dont want these texts", "do not want these messages",
		"dont want these messages", "do not want any more texts", "dont want any more texts", "do not want to receive", "dont want to receive", "no longer want to receive", "no longer want texts",
		"no longer want these", "no more msgs", "no more message", "stop all of", "stop msgs", "never text me", "never contact me", "do not want texts", "dont want texts", "no longer wish to", "do not wish to receive", "dont wish to receive",
		"deja de", "dejen de", "no mas", "no me escriban", "no me escriba", "no me envien"}
	// mayStopWords ask for a person who decides whether the client wants no more texts.
	mayStopWords   = []string{"stopping", "unsubscribing", "remove", "spam", "enough"}
	mayStopPhrases = []string{"too many texts", "too many messages", "too many reminders", "so many texts", "so many messages", "so many reminders"}
	notToStop      = []string{"cant", "cannot", "couldnt", "wont", "doesnt", "didnt", "dont", "never", "not", "good", "sure", "well", "week", "day", "bus", "year", "the"}
	onTheWay       = []string{"by", "in", "at", "over", "of", "crying", "thinking", "shaking", "here", "there"}

	wrongNumberPhrases = []string{"wrong number", "wrong num", "wrong no", "wrong person", "wrong phone", "wrong guy", "wrong recipient", "have the wrong", "got the wrong", "not this person",
		"not that person", "not the person", "not my name", "not the right number", "not the right person", "no longer this persons number", "no longer my number", "nobody by that name",
		"nobody with that name", "no one by that name", "no one with that name", "nobody here by", "no one here by", "do not know this person", "dont know this person", "do not know who this is for",
		"dont know who this is for", "this number belongs to", "isnt her number", "isnt his number", "isnt their number", "not her number", "not his number", "not their number", "texted the wrong", "texting the wrong", "number was reassigned", "numero equivocado", "persona equivocada", "falsche nummer", "mauvais numero"}
	mayBeWrongNumber = []string{"who is this", "whos this", "who are you", "who dis", "new phone", "new number", "do not know you", "dont know you", "quien es", "never heard of", "this is not", "this isnt", "this is no longer", "not me",
		"no such person", "does not live here", "doesnt live here"}

	startWords = []string{"start", "unstop", "resubscribe", "subscribe", "optin"}
	helpWords  = []string{"help", "info"}

	confirmWords = []string{"1", "confirm", "confirmed", "c", "confirmo", "confirmado"}
	yesWords     = []string{"yes", "y", "yep", "yeah", "yup", "yea", "ya", "yess", "yesss", "ok", "okay", "okey", "okie", "okk", "k", "kk", "sure", "absolutely", "definitely", "perfect", "great", "si", "oui", "ja",
		"coming", "confirming", "thumbs"}
	aboutComing = []string{"i", "ill", "im", "will", "am", "be", "there", "see", "then", "it", "is", "that", "works", "work", "for", "me", "sounds", "good", "got", "we", "well", "come", "coming",
		"my", "the", "visit", "appointment", "appt", "a", "bunch", "sir", "maam", "up", "tomorrow"}
)
