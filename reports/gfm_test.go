package reports

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// gfm reads Markdown as GitHub does, but for what GitHub adds to it afterwards.
var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM))

// ours is the HTML that the Markdown may hold.
var ours = regexp.MustCompile(`^(<!-- leaklab:[a-z0-9-]* -->|<details><summary>(What it costs|Where it grows|Environment)</summary>|</details>)\s*$`)

// foreign are the elements of a document that no renderer of ours writes: what a
// text of the record has been taken for.
func foreign(document string) []string {
	source := []byte(document)
	var found []string
	say := func(n ast.Node, what string) {
		found = append(found, fmt.Sprintf("%s %.60q", n.Kind(), what))
	}
	_ = ast.Walk(gfm.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.HTMLBlock:
			if html := string(n.Lines().Value(source)); !ours.MatchString(html) {
				say(n, html)
			}
		case *ast.RawHTML, *ast.AutoLink, *ast.Image, *ast.CodeSpan, *ast.CodeBlock, *ast.Blockquote, *ast.ThematicBreak,
			*extast.Strikethrough, *extast.TaskCheckBox:
			say(n, "")
		case *ast.Link:
			if to := string(n.Destination); !strings.HasPrefix(to, goldenOptions.SourceURL+"/") {
				say(n, to)
			}
		case *ast.Emphasis:
			if n.Level != 2 {
				say(n, "")
			}
		case *ast.Heading:
			if n.Level < 2 || n.Level > 3 {
				say(n, "")
			}
		case *ast.FencedCodeBlock:
			if language := string(n.Language(source)); language != "sh" && language != "mermaid" {
				say(n, language)
			}
		case *ast.List:
			if n.Parent().Kind() != ast.KindDocument {
				say(n, "in a list")
			}
		}
		return ast.WalkContinue, nil
	})
	return found
}

// mention is what GitHub, in the text that it has rendered, takes for a person or
// an issue.
var mention = regexp.MustCompile(`[@#][0-9A-Za-z]`)

// prose is what GitHub shows of a document, without its blocks of code, where
// nobody is mentioned.
func prose(t testing.TB, document string) string {
	t.Helper()
	var b strings.Builder
	if err := gfm.Convert([]byte(document), &b); err != nil {
		t.Fatal(err)
	}
	return html.UnescapeString(tags.ReplaceAllString(b.String(), ""))
}

var tags = regexp.MustCompile(`(?s)<pre>.*?</pre>|<[^>]*>`)

func TestMarkdownIsWhatWeWrote(t *testing.T) {
	for name := range stories {
		if got := foreign(render(t, Markdown, story(t, name), goldenOptions)); len(got) > 0 {
			t.Errorf("%s: foreign elements: %q", name, got)
		}
	}
	for _, text := range hostileTexts {
		o := goldenOptions
		o.Dir = text
		got := render(t, Markdown, hostile(t, text), o)
		if elements := foreign(got); len(elements) > 0 {
			t.Errorf("%.40q: foreign elements: %q", text, elements)
		}
		if m := mention.FindString(prose(t, got)); m != "" {
			t.Errorf("%.40q: %s mentions somebody:\n%s", text, m, got)
		}
	}
}

// TestForeignIsFound shows that the test above can fail.
func TestForeignIsFound(t *testing.T) {
	for _, document := range []string{
		"<script>", "a <b>c</b>", "https://a.org", "![a](b)", "`a`", "    a", "> a", "a\n\n---", "~~a~~", "- [ ] a", "[a](b)", "*a*", "# a",
		"```js\n```", "- - a",
	} {
		if len(foreign(document)) == 0 {
			t.Errorf("%q: nothing is found", document)
		}
	}
	for _, document := range []string{"@a", `\@a`, "&#64;a", "#1"} {
		if !mention.MatchString(prose(t, document)) {
			t.Errorf("%q: nobody is mentioned", document)
		}
	}
	if got := foreign("<!-- leaklab:a -->\n\n## a\n\n- **a**\n\n<details><summary>Environment</summary>\n\na\n\n</details>\n"); len(got) > 0 {
		t.Errorf("ours is foreign: %q", got)
	}
}

// TestMarkdownTables wants every row to be part of a table.
func TestMarkdownTables(t *testing.T) {
	source := []byte(render(t, Markdown, story(t, "run"), goldenOptions))
	rows := 0
	_ = ast.Walk(gfm.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering && n.Kind() == extast.KindTableRow {
			rows++
		}
		return ast.WalkContinue, nil
	})
	if want := 6 + 6 + 3; rows != want {
		t.Errorf("%d rows, want %d: of verdicts, costs and sites", rows, want)
	}
}
