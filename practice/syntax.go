package practice

import (
	"bytes"
	"regexp"
	"sort"
	"strconv"

	"go.yaml.in/yaml/v3"
)

var (
	syntaxError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	countsFrom0 = regexp.MustCompile(`^did not find expected (<|key|node content|',' |'-' )`)
)

// SyntaxFault gives the line of a YAML syntax error, counted from 1, and its reason.
//
// The YAML package has no type for these errors, so this is the one place that reads their text. Its scanner counts lines
// from 1 and its parser from 0.
func SyntaxFault(text []byte, err error) (line int, reason string) {
	line, reason = 1, err.Error()
	if m := syntaxError.FindStringSubmatch(reason); m != nil {
		reason = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			if countsFrom0.MatchString(reason) {
				n++
			}
			line = n
		}
	}
	if reason == "did not find expected key" || reason == "did not find expected '-' indicator" {
		line = breaksAt(text, err.Error())
	}
	last := 1 + bytes.Count(bytes.TrimRight(text, "\n"), []byte("\n")) // something missing is reported after the end
	return max(1, min(line, last)), reason
}

// breaksAt finds the line that breaks a group or list: the end of the shortest beginning of the text that fails in the
// same way. The YAML package gives only the first line of the group.
func breaksAt(text []byte, message string) int {
	lines := bytes.SplitAfter(text, []byte("\n"))
	return 1 + sort.Search(len(lines)-1, func(n int) bool {
		err := yaml.Unmarshal(bytes.Join(lines[:n+1], nil), new(yaml.Node))
		return err != nil && err.Error() == message
	})
}
