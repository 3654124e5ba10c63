package load

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// text is a string with placeholders, split at them.
type text []part

// part is a literal, or one placeholder.
type part struct {
	kind    partKind
	literal string
	below   int64 // of a random number
}

type partKind uint8

const (
	literal partKind = iota
	seq
	random
	uuid
)

// lookup is the value of an environment variable and whether it is set.
type lookup func(name string) (string, bool)

// parseText splits a string at its placeholders:
//
//	{{seq}}       the number of the request in the stream: 0, 1, 2, …
//	{{rand N}}    a random number, 0 to N−1
//	{{uuid}}      a random UUID
//	{{env NAME}}  an environment variable, as it is now; what it holds is not
//	              looked into
//
// What is random follows from the request's number and the placeholder's place
// in the request: a request that is sent again is the same.
func parseText(s string, env lookup) (text, error) {
	var t text
	for rest := s; ; {
		before, after, found := strings.Cut(rest, "{{")
		if before != "" {
			t = append(t, part{literal: before})
		}
		if !found {
			return t, nil
		}
		column := len(s) - len(after) - 1
		inside, next, closed := strings.Cut(after, "}}")
		if !closed {
			return nil, fmt.Errorf("column %d: {{ without }}", column)
		}
		p, err := parsePlaceholder(inside, env)
		if err != nil {
			return nil, fmt.Errorf("column %d: %w", column, err)
		}
		t = append(t, p)
		rest = next
	}
}

func parsePlaceholder(inside string, env lookup) (part, error) {
	words := strings.Fields(inside)
	name := ""
	if len(words) > 0 {
		name = words[0]
	}
	switch {
	case name == "seq" && len(words) == 1:
		return part{kind: seq}, nil
	case name == "uuid" && len(words) == 1:
		return part{kind: uuid}, nil
	case name == "rand" && len(words) == 2:
		below, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil || below < 1 {
			return part{}, fmt.Errorf("{{rand %.40s}}: want {{rand N}} with a whole number of 1 or more", words[1])
		}
		return part{kind: random, below: below}, nil
	case name == "env" && len(words) == 2:
		value, ok := env(words[1])
		if !ok {
			return part{}, fmt.Errorf("{{env %.40s}}: the environment has no such variable", words[1])
		}
		return part{literal: value}, nil
	}
	return part{}, fmt.Errorf("{{%.40s}} is no placeholder: %s", inside, nearest(name))
}

// placeholders are all that there are, by their names.
var placeholders = []struct{ name, form string }{
	{"seq", "{{seq}}"}, {"rand", "{{rand N}}"}, {"uuid", "{{uuid}}"}, {"env", "{{env NAME}}"},
}

// nearest is the placeholder that begins as an unknown one does, or all of them.
func nearest(name string) string {
	forms := make([]string, len(placeholders))
	for i, p := range placeholders {
		if name != "" && strings.EqualFold(name[:1], p.name[:1]) {
			return "did you mean " + p.form + "?"
		}
		forms[i] = p.form
	}
	return "want one of " + strings.Join(forms, ", ")
}

// fixed tells whether the text is the same for every request.
func (t text) fixed() bool {
	for _, p := range t {
		if p.kind != literal {
			return false
		}
	}
	return true
}

// fill appends the text of the i-th request. Each placeholder takes what it needs
// of the request's random numbers.
func (t text) fill(to []byte, i int, numbers *rand.Rand) []byte {
	for _, p := range t {
		switch p.kind {
		case literal:
			to = append(to, p.literal...)
		case seq:
			to = strconv.AppendInt(to, int64(i), 10)
		case random:
			to = strconv.AppendInt(to, numbers.Int64N(p.below), 10)
		case uuid:
			to = appendUUID(to, numbers.Uint64(), numbers.Uint64())
		}
	}
	return to
}

// appendUUID appends a random UUID: version 4 of RFC 9562.
func appendUUID(to []byte, high, low uint64) []byte {
	var b [16]byte
	for i := range 8 {
		b[i], b[8+i] = byte(high>>(8*i)), byte(low>>(8*i))
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	for i, group := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			to = append(to, '-')
		}
		to = hex.AppendEncode(to, group)
	}
	return to
}
