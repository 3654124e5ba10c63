package trend_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/leaklab/leaklab/harness/trend"
)

func series(n int, y func(i int) float64) []trend.Point {
	points := make([]trend.Point, n)
	for i := range points {
		points[i] = trend.Point{X: float64(40 * i), Y: y(i)}
	}
	return points
}

func TestTheilSenFindsAnExactLine(t *testing.T) {
	line, ok := trend.TheilSen(series(8, func(i int) float64 { return 1e6 + 320*float64(i) }), trend.Z99)
	if !ok || line.Slope != 8 || line.Low != 8 || line.High != 8 || line.N != 8 {
		t.Errorf("got %+v, %v; want a slope of exactly 8", line, ok)
	}
}

func TestTheilSenIsNotFooledByOneStep(t *testing.T) {
	for _, n := range []int{6, 8, 12, 24} {
		for at := 1; at < n; at++ {
			line, ok := trend.TheilSen(series(n, func(i int) float64 {
				if i >= at {
					return 5576
				}
				return 0
			}), trend.Z99)
			if !ok || line.Low > 0 {
				t.Errorf("one step at %d of %d points: lower bound %v, want 0", at, n, line.Low)
			}
		}
	}
}

func TestTheilSenSeesSpreadSteps(t *testing.T) {
	line, _ := trend.TheilSen(series(24, func(i int) float64 { return 100e3 * float64(i/4) }), trend.Z99)
	if line.Low <= 0 {
		t.Errorf("a step every fourth round: %+v, want a lower bound above zero", line)
	}
}

func TestTheilSenNeedsAnInterval(t *testing.T) {
	for name, points := range map[string][]trend.Point{
		"none":     nil,
		"two":      series(2, func(i int) float64 { return float64(i) }),
		"same x":   {{X: 1, Y: 1}, {X: 1, Y: 2}, {X: 1, Y: 3}},
		"not real": {{X: 1, Y: math.NaN()}, {X: 2, Y: math.Inf(1)}, {X: 3, Y: 0}},
	} {
		if line, ok := trend.TheilSen(points, trend.Z99); ok {
			t.Errorf("%s: got %+v, want no line", name, line)
		}
	}
}

// The median of all pairs, written down naively, is the oracle.
func TestTheilSenAgainstAllPairs(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for range 200 {
		n := 3 + random.IntN(40)
		points := series(n, func(i int) float64 { return random.NormFloat64()*1e3 + float64(i)*random.Float64()*500 })
		var slopes []float64
		for i := range points {
			for j := range i {
				slopes = append(slopes, (points[i].Y-points[j].Y)/(points[i].X-points[j].X))
			}
		}
		slices.Sort(slopes)
		want := (slopes[len(slopes)/2] + slopes[(len(slopes)-1)/2]) / 2
		line, ok := trend.TheilSen(points, trend.Z99)
		if !ok || math.Abs(line.Slope-want) > 1e-9 {
			t.Fatalf("%d points: slope %v, want %v", n, line.Slope, want)
		}
		if line.Low > line.Slope || line.High < line.Slope {
			t.Fatalf("%d points: %+v is not an interval", n, line)
		}
	}
}

func TestTheilSenScalesAndShifts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	base := series(20, func(i int) float64 { return random.NormFloat64()*100 + float64(i)*30 })
	moved := make([]trend.Point, len(base))
	for i, p := range base {
		moved[i] = trend.Point{X: p.X + 1000, Y: 4*p.Y - 77}
	}
	a, _ := trend.TheilSen(base, trend.Z99)
	b, _ := trend.TheilSen(moved, trend.Z99)
	for _, pair := range [][2]float64{{a.Slope, b.Slope}, {a.Low, b.Low}, {a.High, b.High}} {
		if math.Abs(4*pair[0]-pair[1]) > 1e-9 {
			t.Errorf("values times four: got %v from %v, want four times as much", pair[1], pair[0])
		}
	}
}

// The interval must cover a true slope about as often as it says: 98 %.
func TestTheilSenCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const trials = 2000
	covered := 0
	for range trials {
		line, _ := trend.TheilSen(series(12, func(i int) float64 { return 40*2*float64(i) + random.NormFloat64()*200 }), trend.Z99)
		if line.Low <= 2 && 2 <= line.High {
			covered++
		}
	}
	if share := float64(covered) / trials; share < 0.97 {
		t.Errorf("covered %.3f of %d trials, want at least 0.97", share, trials)
	}
}

func TestTail(t *testing.T) {
	points := series(13, func(i int) float64 { return float64(i) })
	tail := trend.Tail(points, 1.0/3)
	if got := len(tail); got != 5 {
		t.Errorf("the last third of twelve rounds has %d points, want 5: four rounds", got)
	}
	if got := trend.Rate(tail); got != 1.0/40 {
		t.Errorf("rate %v, want %v", got, 1.0/40)
	}
	if got := trend.Tail(points[:1], 0.3); len(got) != 1 {
		t.Errorf("one point: %v", got)
	}
}

func FuzzTheilSen(f *testing.F) {
	f.Add(uint64(1), 10, 1.0)
	f.Add(uint64(2), 0, math.Inf(1))
	f.Add(uint64(3), 300, math.NaN())
	f.Fuzz(func(t *testing.T, seed uint64, n int, scale float64) {
		random := rand.New(rand.NewPCG(seed, 0))
		points := make([]trend.Point, min(max(n, 0), 400))
		for i := range points {
			points[i] = trend.Point{X: float64(random.IntN(50)), Y: random.NormFloat64() * scale}
		}
		line, ok := trend.TheilSen(points, trend.Z99)
		if !ok {
			return
		}
		if math.IsNaN(line.Slope) || math.IsNaN(line.Low) || math.IsNaN(line.High) || line.Low > line.High {
			t.Errorf("%+v is not an interval", line)
		}
	})
}

func BenchmarkTheilSen(b *testing.B) {
	for _, n := range []int{10, 1000, 100000} {
		points := series(n, func(i int) float64 { return float64(i * i % 1013) })
		b.Run("points="+strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				trend.TheilSen(points, trend.Z99)
			}
		})
	}
}
