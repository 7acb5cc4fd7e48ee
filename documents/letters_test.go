package documents_test

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"kapflow/documents"
)

// scripts are names as people write them, and whether we can print them.
var scripts = map[string]struct {
	name      string
	printable bool
}{
	"Latin": {"Łukasz Nguyễn-Öz", true}, "LatinApart": {"Zoe\u0308 O\u2019Hara", true}, "Greek": {"Ελένη Παπαδοπούλου", true}, "Cyrillic": {"Дмитрий Їжак", true}, "Hebrew": {"שלום כהן", true},
	"Arabic": {"محمد الإسلام", true}, "Persian": {"کیانا پژمان", true}, "Urdu": {"ڈاکٹر گل", true}, "Armenian": {"Արամ Խաչատրյան", true}, "Georgian": {"გიორგი", true},
	"Chinese": {"李小龙", true}, "ChineseTraditional": {"龍應臺", true}, "Japanese": {"さくら サクラ 櫻", true}, "Korean": {"김철수", true}, "Mixed": {"Ivy محمد 12 Smith 李", true},
	"Devanagari": {"अमिताभ", false}, "Bengali": {"রবীন্দ্রনাথ", false}, "Tamil": {"இளையராஜா", false}, "Thai": {"สมชาย", false}, "Khmer": {"សុខា", false}, "Burmese": {"အောင်", false},
	"Ethiopic": {"አበበ", false}, "Tibetan": {"བསྟན", false}, "Sinhala": {"සුනිල්", false}, "Mongolian": {"ᠮᠣᠩᠭᠣᠯ", false}, "Lao": {"ສົມ", false}, "HebrewWithPoints": {"שָׁלוֹם", false},
	"Emoji": {"Sunny 😀 Ray", false}, "EmojiFamily": {"👨\u200d👩\u200d👧", false}, "Flag": {"🇺🇸", false}, "RareHan": {"𠮷野", false}, "Gothic": {"𐌰𐌱", false}, "Turned": {"a\u202eb", false}, "Control": {"a\x07b", false},
	"PageNumber": {"a ¤ b", false}, "Private": {"a\ue000b", false}, "LostLetter": {"Zo\ufffd", false}, "NoUTF8": {"Zo\xeb", false},
}

// TestNamesInEveryScriptArePrintedOrRefusedOnEveryDocument: no document panics, and none prints a box in the place of a letter.
func TestNamesInEveryScriptArePrintedOrRefusedOnEveryDocument(t *testing.T) {
	t.Parallel()
	for script, c := range scripts {
		s := sample(t)
		s.Billing.LegalName, s.Billing.Address = c.name, c.name+"\n1 Main Street"
		for kind, d := range papers(t, s) {
			pdf, err := d.PDF()
			var refused *documents.UnprintableError
			if (err == nil) != c.printable || err != nil && !errors.As(err, &refused) {
				t.Errorf("%s on a %s: %v", script, kind, err)
			}
			if refused != nil && (len(refused.Found) == 0 || !strings.Contains(err.Error(), "U+") || !utf8.ValidString(err.Error())) {
				t.Errorf("%s on a %s is refused without its letters: %v", script, kind, err)
			}
			if _, err := d.HTML(); err != nil {
				t.Errorf("%s as a page: %v", script, err)
			}
			if kind == "statement" && c.printable {
				if _, err := exec.LookPath("pdftotext"); err == nil && !strings.Contains(printed(t, pdf), "Main Street") {
					t.Errorf("%s: what follows the name is not on the paper", script)
				}
			}
		}
	}
}

func printed(t *testing.T, pdf []byte) string {
	t.Helper()
	cmd := exec.Command("pdftotext", "-layout", "-", "-")
	cmd.Stdin = strings.NewReader(string(pdf))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestAnyTextIsPrintedOrRefused draws texts of any letters.
func TestAnyTextIsPrintedOrRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[א-ת ء-ي0-9a-z(),.%$-]{0,20}`)).Draw(t, "text")
		d := documents.Document{Kind: "receipt", Title: "Receipt", Number: "M-1", From: documents.Letterhead{Name: text}, To: []string{text, "x"}, Intro: text,
			Sections: []documents.Section{{Heading: text, Columns: []documents.Column{{Title: text, Share: 60}, {Title: "x", Share: 40, Figure: true}}, Rows: [][]string{{text, text}}}}}
		_, err := d.PDF()
		var refused *documents.UnprintableError
		if err != nil && !errors.As(err, &refused) {
			t.Fatal(err)
		}
	})
}
