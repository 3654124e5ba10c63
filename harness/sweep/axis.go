package sweep

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness"
)

// maxValues bounds the values of one key.
const maxValues = 100

// ParseAxis reads the values of a key, V1,V2,…. A comma within quotes, brackets
// or braces does not divide: [a, b] is one value. White space around a value goes.
func ParseAxis(key, values string) (Axis, error) {
	a := Axis{Key: key}
	var open []rune // the marks that a comma is within
	first := 0
	for i, r := range values {
		switch {
		case len(open) > 0 && r == open[len(open)-1]:
			open = open[:len(open)-1]
		case len(open) > 0 && (open[0] == '"' || open[0] == '\''):
		case closing[r] != 0:
			open = append(open, closing[r])
		case r == ',' && len(open) == 0:
			a.Values = append(a.Values, strings.TrimSpace(values[first:i]))
			first = i + 1
		}
	}
	a.Values = append(a.Values, strings.TrimSpace(values[first:]))
	if len(a.Values) > maxValues {
		return Axis{}, fmt.Errorf("--set %s: %d values, want at most %d", key, len(a.Values), maxValues)
	}
	seen := map[string]bool{}
	for _, v := range a.Values {
		if v == "" && len(a.Values) > 1 {
			return Axis{}, fmt.Errorf("--set %s=%q: an empty value, want V1,V2,…", key, values)
		}
		if seen[v] {
			return Axis{}, fmt.Errorf("--set %s: %q is there twice", key, v)
		}
		seen[v] = true
	}
	return a, nil
}

// closing is the mark that ends what a mark opens.
var closing = map[rune]rune{'"': '"', '\'': '\'', '[': ']', '{': '}'}

// Swept tells whether the key has more than one value; else it is an override.
func (a Axis) Swept() bool { return len(a.Values) > 1 }

// Numbers are the values of an axis that can be drawn on a logarithmic scale:
// nil where one of them is no number above zero.
func (a Axis) Numbers() []float64 {
	numbers := make([]float64, len(a.Values))
	for i, v := range a.Values {
		n, ok := Number(v)
		if !ok {
			return nil
		}
		numbers[i] = n
	}
	return numbers
}

// Number is a value as a number above zero in base units: a count, bytes, seconds
// or requests a second.
func Number(value string) (n float64, ok bool) {
	if v, err := strconv.ParseFloat(value, 64); err == nil {
		n = v
	} else if v, err := harness.ParseBytes(value); err == nil {
		n = float64(v)
	} else if v, err := time.ParseDuration(value); err == nil {
		n = v.Seconds()
	} else if v, err := harness.ParseRate(value); err == nil && !v.IsMax() {
		n = float64(v)
	}
	return n, n > 0 && n < 1e300
}
