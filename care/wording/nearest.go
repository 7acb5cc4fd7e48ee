package wording

// Nearest returns the name that a misspelled one most likely means; empty if none is near.
func Nearest[N ~string](name string, names []N) N {
	var best N
	least := 1 + max(2, len(name)/3)
	for _, n := range names {
		if d := distance(Lower(name), Lower(string(n))); d < least {
			best, least = n, d
		}
	}
	return best
}

// DidYouMean is Nearest as the end of a sentence: "; did you mean labs-reviewed?", or nothing.
func DidYouMean[N ~string](name string, names []N) string {
	if n := Nearest(name, names); n != "" {
		return "; did you mean " + string(n) + "?"
	}
	return ""
}

// distance counts the letters to be changed, added or taken out to make one word of another (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, corner+1, row[j]+1)
		}
	}
	return row[len(b)]
}
