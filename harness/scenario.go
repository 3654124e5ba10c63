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
	// Suppressions are leaks that are known and fail no run.
	Suppressions []Suppression `json:"suppressions,omitzero" yaml:"suppressions"`
	// Variants are the programs to compare, one process each.
	Variants []Variant `json:"variants" yaml:"variants"`
}

// ReplayMode says whether requests may be sent again.
type ReplayMode string

// The replay modes. The zero value means always.
const (
	ReplayAlways ReplayMode = "always"
	ReplayNever  ReplayMode = "never"
)

// Backends says where each backend comes from: "embedded" (the default) or
// "external". A backend that no variant needs is not started.
type Backends struct {
	Redis string `json:"redis,omitzero" yaml:"redis"`
	SQL   string `json:"sql,omitzero" yaml:"sql"`
}

// Sources of a backend.
const (
	Embedded = "embedded"
	External = "external"
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
	// Segments bounds the number of segments.
	Segments Segments `json:"segments" yaml:"segments"`
	// MaxTime bounds the whole of warm-up and segments.
	MaxTime Duration `json:"max_time" yaml:"max_time"`
	// Timeout bounds a single request.
	Timeout Duration `json:"timeout" yaml:"timeout"`
}

// Segments bounds the number of segments of a run: no verdict before Min, none
// after Max. Min ≥ 4: fewer give no interval.
type Segments struct {
	Min int `json:"min" yaml:"min"`
	Max int `json:"max" yaml:"max"`
}

// Variant is one program of a scenario.
type Variant struct {
	// Name is the variant's name in flags, files and reports.
	Name string `json:"name" yaml:"name"`
	// Handler names a built-in handler, such as leaky/fraudcheck.
	Handler string `json:"handler" yaml:"handler"`
	// Expect is what the variant is expected to do: "clean" (the default) or "leak".
	Expect Expectation `json:"expect,omitzero" yaml:"expect"`
}

// Expectation is what a scenario expects of a variant.
type Expectation string

// The expectations. The zero value means clean.
const (
	ExpectClean Expectation = "clean"
	ExpectLeak  Expectation = "leak"
)

// OrDefault is the expectation with the default filled in.
func (e Expectation) OrDefault() Expectation {
	if e == "" {
		return ExpectClean
	}
	return e
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
		MaxTime:     Duration(40e9),
		Timeout:     Duration(10e9),
	}
}
