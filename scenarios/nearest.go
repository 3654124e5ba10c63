package scenarios

import (
	"reflect"
	"slices"
	"strings"
)

// didYouMean names the known word nearest to an unknown one, or else the words
// that there are.
func didYouMean(unknown string, known []string) string {
	best, distance := "", 1+max(1, len(unknown)/3)
	for _, word := range known {
		if d := editDistance(unknown, word, distance); d < distance {
			best, distance = word, d
		}
	}
	switch {
	case best != "":
		return "did you mean " + best + "?"
	case len(known) == 0:
		return ""
	}
	known = slices.Sorted(slices.Values(known))
	return "want one of " + strings.Join(known, ", ")
}

// editDistance is the number of letters to insert, delete, replace or swap with
// a neighbour that makes b of a, or limit where it is not less.
func editDistance(a, b string, limit int) int {
	if max(len(a), len(b))-min(len(a), len(b)) >= limit {
		return limit
	}
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			if a[i] == b[j] {
				row[j+1] = last[j]
				continue
			}
			row[j+1] = 1 + min(last[j], last[j+1], row[j])
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return min(last[len(b)], limit)
}

// keys are the keys of a struct's YAML form.
func keys(t reflect.Type) []string {
	var list []string
	for field := range t.Fields() {
		if key := keyOf(field); key != "" {
			list = append(list, key)
		}
	}
	return list
}

// keyOf is a field's key in YAML, or empty where it has none.
func keyOf(field reflect.StructField) string {
	key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
	if key == "-" || !field.IsExported() {
		return ""
	}
	return key
}
