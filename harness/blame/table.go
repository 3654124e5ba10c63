package blame

import (
	"encoding/binary"

	"github.com/google/pprof/profile"

	"github.com/leaklab/leaklab/harness"
)

// table holds a series of profiles side by side: a row for each stack and block
// size, a column for each profile.
type table struct {
	requests []float64 // of each profile
	lastRest int       // the last profile after a rest; 0 where there is none
	rate     int64     // mean bytes between two samples, of the last profile
	rows     []*row
	index    map[string]*row          // by block size and frames' numbers
	numbers  map[harness.Frame]uint32 // frames belong to no profile, unlike locations
}

// row is what one stack had in use, in blocks of one size.
type row struct {
	stack  []harness.Frame // leaf first
	size   float64         // bytes of a block
	values []float64       // bytes, or goroutines, in each profile
	counts []float64       // objects in each profile
}

func newTable(points int) *table {
	return &table{
		requests: make([]float64, points),
		index:    make(map[string]*row),
		numbers:  make(map[harness.Frame]uint32),
	}
}

// add fills in a column. A profile of a run has the same few hundred stacks as
// the one before it: frames are compared once for each location, stacks by the
// numbers of their frames.
func (t *table) add(column int, p *columns) {
	t.rate = p.Period
	locations := make(map[*profile.Location][]byte, len(p.Location))
	var key []byte
	for _, s := range p.Sample {
		value, count := s.Value[p.value], s.Value[p.count]
		if value <= 0 {
			continue
		}
		size := blockSize(s)
		key = binary.LittleEndian.AppendUint64(key[:0], uint64(size))
		for _, loc := range s.Location {
			numbers, known := locations[loc]
			if !known {
				numbers = t.number(loc)
				locations[loc] = numbers
			}
			key = append(key, numbers...)
		}
		r := t.index[string(key)]
		if r == nil {
			r = &row{
				stack: frames(s), size: float64(size),
				values: make([]float64, len(t.requests)), counts: make([]float64, len(t.requests)),
			}
			t.index[string(key)] = r
			t.rows = append(t.rows, r)
		}
		if size == 0 && count > 0 {
			r.size = float64(value) / float64(count)
		}
		r.values[column] += float64(value)
		r.counts[column] += float64(count)
	}
}

// number is the numbers of a location's frames, as part of a key.
func (t *table) number(loc *profile.Location) []byte {
	key := make([]byte, 0, 4*max(1, len(loc.Line)))
	for i := range max(1, len(loc.Line)) {
		f := frameAt(loc, i)
		n, known := t.numbers[f]
		if !known {
			n = uint32(len(t.numbers))
			t.numbers[f] = n
		}
		key = binary.LittleEndian.AppendUint32(key, n)
	}
	return key
}

// site is what all stacks of one site had in use.
type site struct {
	at      harness.Frame
	most    *row      // the one of its rows that grew most
	values  []float64 // in each profile
	sampled []float64 // objects that were sampled, in each profile
	objects float64   // gained from the first profile to the last
	// samples is how many sampled objects came or went from the first profile to
	// the last, variance what their sampling does to the growth, in bytes².
	samples, variance float64
	leaked            int64 // goroutines, by the runtime's proof
	transient         bool  // it holds no leak, see markTransient
	evidence
}

// sites adds up the rows of each site, which at finds for a stack.
func (t *table) sites(at func(stack []harness.Frame) harness.Frame) []*site {
	var sites []*site
	index := make(map[harness.Frame]*site)
	for _, r := range t.rows {
		frame := at(r.stack)
		s := index[frame]
		if s == nil {
			s = &site{at: frame, most: r, values: make([]float64, len(t.requests)), sampled: make([]float64, len(t.requests))}
			index[frame] = s
			sites = append(sites, s)
		}
		if growth(r.values) > growth(s.most.values) {
			s.most = r
		}
		for i, v := range r.values {
			s.values[i] += v
			inUse, _ := sampling(r.counts[i], r.size, t.rate)
			s.sampled[i] += inUse
		}
		gained := growth(r.counts)
		samples, variance := sampling(gained, r.size, t.rate)
		s.objects += gained
		s.samples += samples
		s.variance += variance
	}
	return sites
}

func (s *site) growth() float64 { return growth(s.values) }

// growth is what a series gained from its first value to its last.
func growth(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return values[len(values)-1] - values[0]
}
