package sweep

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/leaklab/leaklab/harness"
)

// certainty is by how many times a footprint that is drawn on must pass the ceiling
// for the point to be skipped. One drawn on from 1 000 and 10 000 users was 2.2 GiB
// where 1.2 were measured (2026-11-24); what is run in vain ends at the ceiling.
const certainty = 2

// Ceiling says why a point need not be run: with a smaller value of one of its
// keys its variant ended at the memory ceiling, or the footprints with two smaller
// ones, drawn on through it on logarithmic scales, lead far past the ceiling. Empty:
// nothing speaks against it.
func Ceiling(points []Point, p Point) string {
	for _, s := range p.Settings {
		at, ok := Number(s.Value)
		if !ok {
			continue
		}
		below := smaller(points, p, s.Key, at)
		if len(below) == 0 {
			continue
		}
		last := below[len(below)-1]
		if f := last.point.Figures; f.Death == harness.MemoryCeiling || f.Death == harness.OOMKilled {
			return fmt.Sprintf("ended at %s: %s = %s already", f.Death, s.Key, last.point.Value(s.Key))
		}
		if len(below) == 1 {
			continue
		}
		before := below[len(below)-2]
		expected, ceiling := through(before, last, at), last.point.Figures.CeilingBytes
		if ceiling > 0 && expected > certainty*ceiling {
			return fmt.Sprintf("a footprint of %s is expected from those at %s and %s, past the ceiling of %s",
				harness.FormatBytes(expected), before.point.Value(s.Key), last.point.Value(s.Key), harness.FormatBytes(ceiling))
		}
	}
	return ""
}

// footprint is the largest one of a point at a number.
type footprint struct {
	at, bytes float64
	point     Point
}

// smaller is what was measured of the point's variant with smaller values of a key,
// sorted by them.
func smaller(points []Point, p Point, key string, at float64) []footprint {
	var below []footprint
	for _, q := range points {
		n, ok := Number(q.Value(key))
		if ok && n < at && q.State == Done && q.Figures != nil && q.Figures.PeakRSSBytes != nil && q.besides(key, p) {
			below = append(below, footprint{n, *q.Figures.PeakRSSBytes, q})
		}
	}
	slices.SortFunc(below, func(a, b footprint) int { return cmp.Compare(a.at, b.at) })
	return below
}

// through is the footprint at a number on the line through two others, on
// logarithmic scales. It never falls.
func through(a, b footprint, at float64) float64 {
	slope := math.Log(b.bytes/a.bytes) / math.Log(b.at/a.at)
	return b.bytes * math.Pow(at/b.at, slope)
}
