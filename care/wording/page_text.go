package wording

// What a practice tells clients on their page in words of its own. The names are those of the files that hold the texts.
const (
	PagePrepare   = "prepare"   // before an infusion
	PageAftercare = "aftercare" // after it
)

// PageText is such a text with its values filled in. It stands behind the second factor and may say what no message may.
type PageText struct {
	Heading string     `json:"heading"`
	Parts   []PagePart `json:"parts"`
}

// PagePart is a paragraph, or a list.
type PagePart struct {
	Words string   `json:"words,omitempty"`
	List  []string `json:"list,omitempty"`
}
