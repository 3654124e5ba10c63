package reports

import (
	"regexp"
	"strings"
)

// escape makes a text mean itself in GitHub's Markdown, wherever in a line it
// stands. The bars of a table's cells are left to the table, which escapes them.
func escape(text string) string {
	text = escaper.Replace(text)
	if m := listMarker.FindStringSubmatchIndex(text); m != nil {
		return text[:m[2]] + `\` + text[m[2]:]
	}
	return text
}

// listMarker is what begins a list, or a line across the page, at the start of a
// list's item: "- ", "1. ", "---".
var listMarker = regexp.MustCompile(`^[0-9]*([-+.)])(?:[ -]|$)`)

// invisible is a space of no width. GitHub looks for people and issues in the
// text that it has rendered, where no escape is left: it keeps them apart.
const invisible = "&#8203;"

var escaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "[", `\[`, "]", `\]`, "~", `\~`, "_", `\_`, "$", `\$`,
	"&", "&amp;", "<", "&lt;", ">", "&gt;",
	"@", "@"+invisible, "#", `\#`+invisible,
	"://", "&#58;//", "www.", "www&#46;", // no links but ours
)
