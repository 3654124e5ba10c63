package harness

// Outcome is what a verdict or a run comes to.
type Outcome string

// The outcomes.
const (
	Pass         Outcome = "pass"
	Fail         Outcome = "fail"
	Inconclusive Outcome = "inconclusive"
)

// Class is the shape of a variant's growth.
type Class string

// The classes.
const (
	Steady   Class = "steady"
	Leak     Class = "leak"
	Plateau  Class = "plateau"
	Step     Class = "step"
	Sawtooth Class = "sawtooth"
	// Delayed growth falls back when no new keys come.
	Delayed Class = "delayed"
	// Capacity is what a map or slice keeps of its size, not what is in it.
	Capacity  Class = "capacity"
	Goroutine Class = "goroutine"
	Footprint Class = "footprint"
	Unsettled Class = "unsettled"
)

// Leaks tells whether the class is one of growth without a bound.
func (c Class) Leaks() bool { return c == Leak || c == Goroutine || c == Footprint }

// Driver is what growth is paid per, found by experiment.
type Driver string

// The drivers.
const (
	PerRequest    Driver = "request"
	PerKey        Driver = "key"
	PerConnection Driver = "connection"
	PerTime       Driver = "time"
)

// Part is the growth that one driver pays for: what an experiment adds to the
// one before it.
type Part struct {
	Driver Driver `json:"driver"`
	// Bytes and the others are for each unit: a request, a key, a connection or a
	// second. BytesLow is the lower bound at 99 %.
	Bytes      float64 `json:"bytes"`
	BytesLow   float64 `json:"bytes_low"`
	Objects    float64 `json:"objects"`
	Goroutines float64 `json:"goroutines"`
	Unit       string  `json:"unit"`
}

// Verdict is what the judge says of a variant, with its evidence.
type Verdict struct {
	Outcome Outcome `json:"outcome"`
	Class   Class   `json:"class"`
	// Driver is what most of the growth is paid per, and Parts is what each driver
	// pays; empty where no experiment was made.
	Driver Driver `json:"driver,omitzero"`
	Parts  []Part `json:"parts,omitzero"`
	// SlopeBytesPerRequest is the robust slope of the live heap over completed
	// requests; SlopeLow and SlopeHigh its two-sided 98 % interval. Null where
	// too few checkpoints were read.
	SlopeBytesPerRequest *float64 `json:"slope_bytes_per_request"`
	SlopeLow             *float64 `json:"slope_low"`
	SlopeHigh            *float64 `json:"slope_high"`
	ObjectsPerRequest    *float64 `json:"objects_per_request"`
	GoroutinesPerRequest *float64 `json:"goroutines_per_request"`
	// GrowthBytes is what the live heap grew by from the first checkpoint to the
	// last before any flood.
	GrowthBytes *int64 `json:"growth_bytes"`
	// ProjectedGrowthBytes is slope × the requests of the growth budget's time
	// at the scenario's rate.
	ProjectedGrowthBytes *float64 `json:"projected_growth_bytes"`
	ChurnBytesPerRequest *float64 `json:"churn_bytes_per_request"`
	// GCCPUShare is the part of the target's CPU time under load that collected
	// garbage, 0 to 1; null where it does not tell.
	GCCPUShare        *float64  `json:"gc_cpu_share"`
	SecondsToVerdict  float64   `json:"seconds_to_verdict"`
	RequestsToVerdict int       `json:"requests_to_verdict"`
	Reasons           []Reason  `json:"reasons"`
	Warnings          []Warning `json:"warnings"`
}

// Reason is one measurement that the verdict rests on.
type Reason struct {
	Code     string   `json:"code"`
	Measured float64  `json:"measured"`
	Budget   *float64 `json:"budget"`
	Unit     string   `json:"unit"`
	Text     string   `json:"text"`
}

// Warning is something that a reader of the result must know: too few
// checkpoints, a missed rate, failed requests.
type Warning struct {
	Code string `json:"code"`
	Text string `json:"text"`
}
