package words

import (
	"fmt"
	"io"
	"strings"
)

// Page writes the sentences as the page docs/words.md.
func Page(out io.Writer, all []Sentence) error {
	var b strings.Builder
	b.WriteString("# Words\n\nEvery sentence that Kapflow can say, by who reads it. `make generate` makes this page from the sources, and `make drift`\n" +
		"fails if it is not up to date. Values that are known only at run time stand in braces, such as {visit}. Messages and the\n" +
		"practice's own pages show the sample practice.\n")
	for _, reader := range Readers {
		fmt.Fprintf(&b, "\n## %s\n", reader)
		for _, heading := range headings(all, reader) {
			fmt.Fprintf(&b, "\n### %s\n\n", heading)
			for _, s := range all {
				if s.Reader == reader && s.Heading == heading {
					b.WriteString(s.markdown())
				}
			}
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// List writes the sentences for a terminal.
func List(out io.Writer, all []Sentence) error {
	var b strings.Builder
	for _, reader := range Readers {
		for _, heading := range headings(all, reader) {
			fmt.Fprintf(&b, "%s: %s\n\n", reader, heading)
			for _, s := range all {
				if s.Reader == reader && s.Heading == heading {
					if s.Label != "" {
						fmt.Fprintf(&b, "  [%s]\n", s.Label)
					}
					fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(s.Text, "\n", "\n  "))
				}
			}
			b.WriteByte('\n')
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// headings gives the headings of one reader, in the order of their first sentence.
func headings(all []Sentence, reader Reader) (list []string) {
	seen := map[string]bool{}
	for _, s := range all {
		if s.Reader == reader && !seen[s.Heading] {
			seen[s.Heading] = true
			list = append(list, s.Heading)
		}
	}
	return list
}

var escaped = strings.NewReplacer("<", "&lt;", "*", `\*`, "_", `\_`, "`", "\\`", "|", `\|`)

// markdown writes a sentence as an item of a list. A message keeps its lines.
func (s Sentence) markdown() string {
	text := escaped.Replace(s.Text)
	if s.Label == "" {
		return "- " + strings.Join(strings.Fields(text), " ") + "\n"
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight("  > "+line, " ")
	}
	return "- " + s.Label + "\n\n" + strings.Join(lines, "\n") + "\n"
}
