package sweep

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// maxPoints bounds a sweep: at 10 s each, a day and more.
const maxPoints = 10_000

// Grid is the points of every combination of values with every variant: the last
// axis varies fastest, but for the variants.
func Grid(axes []Axis, variants []string) ([]Point, error) {
	total := len(variants)
	for _, a := range axes {
		if total *= len(a.Values); total > maxPoints {
			return nil, fmt.Errorf("a sweep of more than %d points: want fewer values or variants", maxPoints)
		}
	}
	combinations := [][]Setting{nil}
	for _, a := range axes {
		var longer [][]Setting
		for _, c := range combinations {
			for _, v := range a.Values {
				longer = append(longer, slices.Concat(c, []Setting{{a.Key, v}}))
			}
		}
		combinations = longer
	}
	points := make([]Point, 0, total)
	for _, c := range combinations {
		for _, v := range variants {
			points = append(points, Point{Name: name(c, v), Settings: c, Variant: v, State: ToDo})
		}
	}
	return points, nil
}

// name is a path that any file system takes: marks in keys and values are written
// as in the query of a URL.
func name(settings []Setting, variant string) string {
	parts := make([]string, len(settings))
	for i, s := range settings {
		parts[i] = url.QueryEscape(s.Key) + "=" + url.QueryEscape(s.Value)
	}
	return strings.Join(parts, ",") + "/" + variant
}

// Value is the point's value of a key; empty where it has none.
func (p Point) Value(key string) string {
	for _, s := range p.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

// besides tells whether two points differ in a key's value and nothing else.
func (p Point) besides(key string, q Point) bool {
	if p.Variant != q.Variant || len(p.Settings) != len(q.Settings) {
		return false
	}
	for i, s := range p.Settings {
		if s.Key != key && s != q.Settings[i] {
			return false
		}
	}
	return p.Value(key) != q.Value(key)
}
