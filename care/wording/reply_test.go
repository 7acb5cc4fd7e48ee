package wording_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kapflow/care/wording"
)

const ourText = "Cedar Office: reminder, visit Tue 3:00 PM MST. https://c.example/Yy9uj731jk or 555-010-0100. Reply STOP to opt out"

// replies are texts of every kind with what they mean, "class" or "class+further+meanings".
var replies = map[string]string{
	// Opt-outs, polite, misspelled, in other words and languages.
	"STOP": "stop", " stop ": "stop", "Stop. Thank you": "stop", "STOP!": "stop", "s t o p": "stop", "S.T.O.P": "stop", "“STOP”": "stop", "'stop'": "stop", "Please stop": "stop", "pls stop": "stop", "plz stop now": "stop",
	"Hi, please stop. Thanks": "stop", "OK stop": "stop", "stopp": "stop", "unsuscribe": "stop", "Unsubscribe please": "stop", "stop texting me": "stop", "I want to stop receiving these": "stop",
	"no more please": "stop", "No more texts": "stop", "please do not text me": "stop", "Don't text me": "stop", "I don’t want these messages": "stop", "no más": "stop", "ALTO": "stop", "arrêt": "stop",
	"take me off your list": "stop", "END": "stop", "end texts": "stop", "quit": "stop", "please remove me": "stop", "stop all": "stop", "Opt out": "stop", "leave me alone": "stop",
	"Stop. I am going to kill myself tonight": "stop",
	"ＳＴＯＰ": "stop", "STOP STOP STOP": "stop", "🛑 STOP": "stop", "S-T-O-P": "stop", "BAJA": "stop", "Pare": "stop", "detener": "stop", "FIN": "stop", "deja de escribirme": "stop", "dejen de mandarme mensajes": "stop",
	"I no longer wish to receive messages": "stop", "I do not wish to receive these": "stop", "do not want texts": "stop", "never text me again": "stop", "no more msgs": "stop", "stop msgs": "stop", "stop all of these": "stop",
	"CANCEL": "stop+visit", "cancel please": "stop+visit", "Cancel all": "stop+visit",
	"Wrong number, stop texting me": "stop+wrong-number",
	// They may be one; a person decides.
	"I want to stop": "other+stop", "End it all. I can't do this anymore, I want to die": "other+stop", "STOP. See you tomorrow": "other+stop", "That is enough": "other+stop", "I'd like to quit": "other+stop",
	"stop the infusions": "other+stop", "too many texts": "other+stop", "Why do I get so many messages": "other+stop", "I revoke consent": "other+stop",
	// They are none.
	"para cuando es la cita": "other", "fin de semana": "other", "pare de llover?": "other",
	"Can't stop by Tuesday": "other", "can I stop by at 3": "other", "I can't stop crying": "other", "it won't stop": "other", "cancel my appointment": "other", "Please cancel Tuesday": "other", "at the end of the day": "other",
	"The bus stop is far away": "other",
	// A stranger.
	"Wrong number, I am not this person": "wrong-number", "you have the wrong person": "wrong-number", "wrong number": "wrong-number", "Sorry, wrong #": "wrong-number", "Número equivocado": "wrong-number",
	"This isn't her number anymore": "wrong-number", "not his number": "wrong-number", "This is no longer Ana's phone": "other+wrong-number", "This is not Ana": "other+wrong-number", "not me": "other+wrong-number",
	"She doesn't live here": "other+wrong-number", "No such person": "other+wrong-number", "there is no Ana here": "other+wrong-number", "you texted the wrong one": "wrong-number",
	"I think you have the wrong number.": "wrong-number", "There is no one by that name here": "wrong-number", "Is this the wrong number?": "other+wrong-number", "who is this": "other+wrong-number", "New phone, who dis": "other+wrong-number",
	// Texts again, and help.
	"START": "start", "unstop": "start", "Start please": "start", "opt me in": "start", "When do we start?": "other", "help": "help", "INFO": "help", "info please": "help",
	// Coming.
	"1": "confirm", "1.": "confirm", "Confirm": "confirm", "c": "confirm", "confirmed, thanks": "confirm", "Yes!": "confirm+other+start", "yes please": "confirm+other+start", "Y": "confirm+other", "ok": "confirm+other",
	"Yes sir": "confirm+other", "yes ma'am": "confirm+other", "Yes, see you tomorrow": "confirm+other", "👍🏻👍🏻": "confirm+other", "👍️": "confirm+other", "👍👍 thanks": "confirm+other", "thumbs up": "confirm+other", "okk": "confirm+other",
	"Okie": "confirm+other", "Ok!!!": "confirm+other", "Y.": "confirm+other", "ＹＥＳ": "confirm+other+start", "sí confirmo": "confirm+other", "confirmo": "confirm", "CONFIRMED!": "confirm",
	"OK thank you": "confirm+other", "👍": "confirm+other", "👍🏽": "confirm+other", "Yes I'll be there": "confirm+other", "ok see you then": "confirm+other", "Sounds good, yes": "confirm+other",
	"Yes?": "other", "yes but can we do 4": "other", "ok no": "other", "not ok": "other", "👎": "other", "no": "other", "Yes I will be late": "other",
	// Quotations.
	"Liked “" + ourText + "”": "reaction", "Loved “" + ourText + "”": "reaction", "Emphasized “" + ourText + "”": "reaction", "Laughed at “" + ourText + "”": "reaction", "Questioned “" + ourText + "”": "reaction",
	"Disliked “" + ourText + "”": "reaction", "Reacted 👍 to “" + ourText + "”": "reaction", "👍 to “" + ourText + "”": "reaction", `Liked "` + ourText + `"`: "reaction", "Liked “" + ourText: "reaction",
	"Gefällt „" + ourText + "“": "reaction", "Le gusta «" + ourText + "»": "reaction", "A aimé « " + ourText + " »": "reaction", "Removed a like from “" + ourText + "”": "reaction",
	"“" + ourText + "”": "reaction", ourText: "reaction", "> " + ourText: "reaction", "👍 “" + ourText + "”": "reaction",
	"STOP “" + ourText + "”": "stop", "> " + ourText + "\nplease stop": "stop", "“" + ourText + "” wrong number": "wrong-number", "> " + ourText + "\nyes": "confirm+other+start",
	"“visit Tue 3:00 PM MST” can we make it 4?": "other",
	// Nothing that is understood.
	"": "other", "I feel worse": "other", "Can I come at 3 instead?": "other", "…": "other", "🤷": "other",
}

func TestTextMeansOneThingOrAPersonReadsIt(t *testing.T) {
	t.Parallel()
	for text, want := range replies {
		got := wording.ReadReply(text)
		slices.Sort(got.Also)
		if is := strings.Join(append([]string{got.Class}, got.Also...), "+"); is != want {
			t.Errorf("%q is %s, want %s", text, is, want)
		}
		if wording.ClassifyReply(text) != got.Class {
			t.Errorf("%q has two classes", text)
		}
	}
}

// Danger is looked for in every text, whatever else it means: words of danger before, after and inside texts of every class.
func TestDangerIsFoundInEveryText(t *testing.T) {
	t.Parallel()
	texts := slices.Sorted(func(yield func(string) bool) {
		for text := range replies {
			if !yield(text) {
				return
			}
		}
	})
	danger := []string{"I want to die", "i'm going to kill myself", "FEELING WORSE", "want to hurt myself", "I don’t want to be here", "suicide", "end it all", "help me", "quiero morir", "kms"}
	rapid.Check(t, func(r *rapid.T) {
		around, words := rapid.SampledFrom(texts).Draw(r, "text"), rapid.SampledFrom(danger).Draw(r, "danger")
		sep := rapid.SampledFrom([]string{" ", ". ", "\n", " — ", "! "}).Draw(r, "sep")
		text := around + sep + words
		if rapid.Bool().Draw(r, "first") {
			text = words + sep + around
		}
		if !wording.SoundsOfDanger(text) {
			r.Errorf("%q passes for harmless", text)
		}
	})
}

// Whatever somebody sends is of a class that exists, and never fails.
func TestEveryTextHasAClass(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.String().Draw(r, "text") + rapid.SampledFrom([]string{"", "“", "\"", ">", "\n", "👍"}).Draw(r, "mark") + rapid.String().Draw(r, "rest")
		got := wording.ReadReply(text)
		if !slices.Contains(wording.ReplyClasses(), got.Class) {
			r.Errorf("%q is of the class %q", text, got.Class)
		}
	})
}
