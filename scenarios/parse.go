package scenarios

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	// maxFileBytes is the largest scenario that is parsed. The largest of our own
	// takes 2 KiB; what is bigger is not a scenario.
	maxFileBytes = 1 << 20
	// maxDepth is how deep lists and mappings may be nested. A scenario needs 4;
	// the parser recurses, so that a limit must stand before it.
	maxDepth = 32
	// maxTokens is how many words and signs a scenario may hold; fraud-check holds
	// 200. The parser takes time quadratic in the keys of a mapping: at the limit
	// 0.2 s, 10 s for the 80 000 keys of a full file (2 cores, 2026-11-24).
	maxTokens = 20_000
)

// refused is the part of YAML that a scenario does not need, and why: an alias
// can make gigabytes of a few lines, the others hide what a value is.
var refused = map[token.Type]string{
	token.AnchorType:     "an anchor",
	token.AliasType:      "an alias",
	token.MergeKeyType:   "a merge key",
	token.TagType:        "a tag",
	token.DirectiveType:  "a directive",
	token.MappingKeyType: "a complex key",
}

// source is the text that is read: a file, or a flag's value, where positions
// say nothing.
type source struct {
	name string
	flag bool
}

// at is a mistake at a token, or in the whole text where there is none.
func (s source) at(t *token.Token, format string, args ...any) *SyntaxError {
	e := &SyntaxError{File: s.name, Msg: fmt.Sprintf(format, args...)}
	if !s.flag && t != nil && t.Position != nil {
		e.Line, e.Column = t.Position.Line, t.Position.Column
	}
	return e
}

// parse reads one YAML document into its tree, nil where it holds nothing. It
// refuses what is too big, too deep, or outside of the part of YAML that
// scenarios use.
func (s source) parse(data []byte) (ast.Node, *SyntaxError) {
	if len(data) > maxFileBytes {
		return nil, s.at(nil, "%d bytes, want at most %d: this is not a scenario", len(data), maxFileBytes)
	}
	if !utf8.Valid(data) {
		return nil, s.at(nil, "not UTF-8 text: this is not a scenario")
	}
	tokens := lexer.Tokenize(string(data))
	if len(tokens) > maxTokens {
		return nil, s.at(nil, "%d words and signs, want at most %d: this is not a scenario", len(tokens), maxTokens)
	}
	if bad := s.refuse(tokens); bad != nil {
		return nil, bad
	}
	tree, err := parser.Parse(tokens, 0)
	if e, ok := errors.AsType[yaml.Error](err); ok {
		return nil, s.at(e.GetToken(), "%s", e.GetMessage())
	} else if err != nil {
		return nil, s.at(nil, "%v", err)
	}
	var body ast.Node
	for _, doc := range tree.Docs {
		switch {
		case doc.Body == nil:
		case body != nil:
			return nil, s.at(doc.Body.GetToken(), "a second document, want one scenario in a file")
		default:
			body = doc.Body
		}
	}
	return body, nil
}

// refuse finds the first token that a scenario may not hold.
func (s source) refuse(tokens token.Tokens) *SyntaxError {
	flow, line, entries := 0, 0, 0
	var last *token.Token
	for _, t := range tokens {
		if last != nil && last.Type == token.MappingStartType && t.Type == token.MappingStartType {
			return s.at(last, `a placeholder without quotes: write "{{NAME}}"`)
		}
		last = t
		if what, ok := refused[t.Type]; ok {
			return s.at(t, "%s (%s): scenarios do without; quote it if it is text", what, clip(t.Value))
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType: // "- - - -" nests on a single line
			if t.Position.Line != line {
				line, entries = t.Position.Line, 0
			}
			entries++
		}
		if max(flow, entries, t.Position.IndentLevel) > maxDepth {
			return s.at(t, "nested more than %d levels deep", maxDepth)
		}
	}
	return nil
}

// clip shortens a text of the file for a message.
func clip(text string) string {
	const most = 60
	if len(text) <= most {
		return text
	}
	end := most
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
