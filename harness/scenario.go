package harness

// Scenario is what to run: the variants, what they need, how they are loaded
// and what they may do. Its YAML form is the users' own format; its JSON form
// is stored in the record.
type Scenario struct {
	// Name identifies the scenario: lower-case letters, digits and dashes.
	Name string `json:"name" yaml:"name"`
	// About says in a sentence what the scenario shows.
	About string `json:"about,omitzero" yaml:"about"`
	// Backends chooses where the backends that the variants need come from.
	Backends Backends `json:"backends,omitzero" yaml:"backends"`
	// Data sizes what the backends are filled with. The keys are those of the
	// variants' case; the engine does not look into it.
	Data map[string]any `json:"data,omitzero" yaml:"data"`
	// Load is how the variants are driven.
	Load Load `json:"load" yaml:"load"`
	// Budget is what each variant may do.
	Budget Budget `json:"budget,omitzero" yaml:"budget"`
	// Warn is a second budget: what is over it is a warning, and no fail.
	Warn Budget `json:"warn,omitzero" yaml:"warn"`
	// Replay says whether requests may be sent again, and faster than asked, to
	// find what growth is paid per: "always" (the default) or "never".
	Replay ReplayMode `json:"replay,omitzero" yaml:"replay"`
	// MemoryCeiling is the footprint past which a target is no longer loaded, so
	// that a leak never takes the machine down. Zero: the smaller of 2 GiB and a
	// quarter of the machine's memory.
	MemoryCeiling Bytes `json:"memory_ceiling,omitzero" yaml:"memory_ceiling"`
	// MemoryLimit is how much memory each target that the lab starts may take before
	// it is killed, by the kernel where it can be asked to. While a variant that is
	// expected to leak lives, all are loaded on, until it is killed or MaxTime is
	// used up. It takes the ceiling's place. Zero: none.
	MemoryLimit Bytes `json:"memory_limit,omitzero" yaml:"memory_limit"`
	// Suppressions are leaks that are known and fail no run.
	Suppressions []Suppression `json:"suppressions,omitzero" yaml:"suppressions"`
	// Variants are the programs to compare, one process each.
	Variants []Variant `json:"variants" yaml:"variants"`
	// Requests are what variants without a built-in handler are sent, in turn; a
	// built-in handler brings its own.
	Requests []RequestTemplate `json:"requests,omitzero" yaml:"requests"`
	// RequestsFile is a file of more of them, in one of vegeta's formats. A
	// relative path is relative to the scenario's file.
	RequestsFile string `json:"requests_file,omitzero" yaml:"requests_file"`
}

// ReplayMode says whether requests may be sent again.
type ReplayMode string

// The replay modes. The zero value means always.
const (
	ReplayAlways ReplayMode = "always"
	ReplayNever  ReplayMode = "never"
)

// Backends says where each backend comes from: "embedded" (the default),
// "external" or "containers". A backend that no variant needs is not started.
type Backends struct {
	Redis string `json:"redis,omitzero" yaml:"redis"`
	SQL   string `json:"sql,omitzero" yaml:"sql"`
	// RedisImage and SQLImage are the images of containers, with their tags. Empty:
	// the package's RedisImage and SQLImage.
	RedisImage string `json:"redis_image,omitzero" yaml:"redis_image"`
	SQLImage   string `json:"sql_image,omitzero" yaml:"sql_image"`
}

// Sources of a backend.
const (
	Embedded   = "embedded"
	External   = "external"
	Containers = "containers"
)

// Images of containers where a scenario names none.
const (
	RedisImage = "redis:7-alpine"
	SQLImage   = "postgres:16-alpine"
)

// Load is how variants are driven: an open loop at a rate over a constant
// number of connections, in segments of requests between checkpoints.
type Load struct {
	// Rate is the number of requests a second, held within segments.
	Rate Rate `json:"rate" yaml:"rate"`
	// Connections is the number of connections held open to each target.
	Connections int `json:"connections" yaml:"connections"`
	// WarmUp is the number of requests before the first checkpoint.
	WarmUp int `json:"warm_up" yaml:"warm_up"`
	// Segment is the number of requests between two checkpoints.
	Segment int `json:"segment" yaml:"segment"`
	// FirstSegment is the number of requests of each of the first [RampSegments]
	// segments, so that a leak that is plain is found after few requests. Zero: all
	// are alike.
	FirstSegment int `json:"first_segment,omitzero" yaml:"first_segment"`
	// Segments bounds the number of segments.
	Segments Segments `json:"segments" yaml:"segments"`
	// MaxTime bounds the whole of warm-up and segments.
	MaxTime Duration `json:"max_time" yaml:"max_time"`
	// Timeout bounds a single request.
	Timeout Duration `json:"timeout" yaml:"timeout"`
	// Accept is the statuses from 400 to 599 that are answers as well, of requests of
	// the scenario's own: 404 of a key that is not there, 401 of a login that fails.
	Accept []int `json:"accept,omitzero" yaml:"accept"`
	// Patience is how long, since the first checkpoint, growth is watched before a
	// target that leaks is left: what it lets go by then, without load, is no leak.
	Patience Duration `json:"patience" yaml:"patience"`
}

// RampSegments is how many segments may be smaller than the others: the ten that
// an accusation takes, the repeats that confirm it, and two.
const RampSegments = 16

// SegmentAt is the number of requests of the k-th segment, from zero.
func (l Load) SegmentAt(k int) int {
	if l.FirstSegment > 0 && k < RampSegments {
		return l.FirstSegment
	}
	return l.Segment
}

// Segments bounds the number of segments of a run: no verdict before Min, none
// after Max. Min ≥ 4: fewer give no interval.
type Segments struct {
	Min int `json:"min" yaml:"min"`
	Max int `json:"max" yaml:"max"`
}

// DefaultLoad is the incident's own load: 100 requests a second over 100
// connections.
func DefaultLoad() Load {
	return Load{
		Rate:        100,
		Connections: 100,
		WarmUp:      200,
		Segment:     40,
		Segments:    Segments{Min: 8, Max: 60},
		MaxTime:     Duration(50e9),
		Timeout:     Duration(10e9),
		Patience:    Duration(15e9), // what is held for 10 or 15 s is common
	}
}
