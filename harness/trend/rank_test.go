package trend_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/leaklab/leaklab/harness/trend"
)

// Many points are fitted without looking at all pairs; the fit over all pairs,
// written down naively, is the oracle. The shapes are those of readings: noise,
// ramps, steps and stretches of the very same value.
func TestManyPointsAgainstAllPairs(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 13))
	for name, y := range map[string]func(i int) float64{
		"constant":           func(int) float64 { return 2e6 },
		"exact ramp":         func(i int) float64 { return 2e6 + 320*float64(i) },
		"ramp by thirds":     func(i int) float64 { return float64(i) / 3 },
		"noise":              func(int) float64 { return random.NormFloat64() * 1e3 },
		"ramp with noise":    func(i int) float64 { return 320*float64(i) + random.NormFloat64()*1e4 },
		"steps":              func(i int) float64 { return 5576 * float64(i/50) },
		"one step":           func(i int) float64 { return 5576 * float64(min(1, i/150)) },
		"mostly still":       func(i int) float64 { return 48 * float64(i/97*random.IntN(2)) },
		"falls":              func(i int) float64 { return -1e9 * float64(i) },
		"doubling container": func(i int) float64 { return math.Exp2(math.Floor(math.Log2(float64(i+1)))) * 64 },
		"huge":               func(i int) float64 { return 1e300 * float64(i%7) },
	} {
		for _, n := range []int{201, 256, 700} {
			points := series(n, y)
			var slopes []float64
			for i, p := range points {
				for _, q := range points[:i] {
					slopes = append(slopes, (p.Y-q.Y)/(p.X-q.X))
				}
			}
			slices.Sort(slopes)
			spread := trend.Z99 * math.Sqrt(float64(n)*float64(n-1)*float64(2*n+5)/18)
			m := float64(len(slopes))
			line, ok := trend.TheilSen(points, trend.Z99)
			for bound, test := range map[string]struct{ got, want float64 }{
				"slope": {line.Slope, slopes[(len(slopes)-1)/2]/2 + slopes[len(slopes)/2]/2},
				"low":   {line.Low, slopes[int(math.Floor((m-spread)/2))-1]},
				"high":  {line.High, slopes[int(math.Ceil((m+spread)/2))]},
			} {
				if !ok || math.Abs(test.got-test.want) > 1e-9*(1+math.Abs(test.want)) {
					t.Errorf("%s, %d points: %s %v, want %v", name, n, bound, test.got, test.want)
				}
			}
		}
	}
}

func TestPointsThatShareAnX(t *testing.T) {
	points := series(400, func(i int) float64 { return 8 * 40 * float64(i) })
	for i := range points {
		points[i].X = float64(40 * (i / 2 * 2))
	}
	line, ok := trend.TheilSen(points, trend.Z99)
	if !ok || math.Abs(line.Slope-8) > 0.1 {
		t.Errorf("%+v, %v; want a slope of about 8", line, ok)
	}
}

func FuzzManyPoints(f *testing.F) {
	f.Add(uint64(1), 300, 1e3)
	f.Add(uint64(2), 201, 0.0)
	f.Fuzz(func(t *testing.T, seed uint64, n int, scale float64) {
		if n < 0 || n > 600 {
			return
		}
		random := rand.New(rand.NewPCG(seed, 1))
		line, ok := trend.TheilSen(series(n, func(int) float64 { return float64(random.IntN(5)) * scale }), trend.Z99)
		if ok && (math.IsNaN(line.Slope) || line.Low > line.Slope || line.Slope > line.High) {
			t.Errorf("a slope that is not within its interval: %+v", line)
		}
	})
}
