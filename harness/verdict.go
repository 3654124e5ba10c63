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
	Steady    Class = "steady"
	Leak      Class = "leak"
	Plateau   Class = "plateau"
	Step      Class = "step"
	Sawtooth  Class = "sawtooth"
	Goroutine Class = "goroutine"
	Footprint Class = "footprint"
	Unsettled Class = "unsettled"
)

// Verdict is what the judge says of a variant, with its evidence.
type Verdict struct {
	Outcome Outcome `json:"outcome"`
	Class   Class   `json:"class"`
	// SlopeBytesPerRequest is the robust slope of the live heap over completed
	// requests; SlopeLow and SlopeHigh its two-sided 98 % interval. Null where
	// too few checkpoints were read.
	SlopeBytesPerRequest *float64 `json:"slope_bytes_per_request"`
	SlopeLow             *float64 `json:"slope_low"`
	SlopeHigh            *float64 `json:"slope_high"`
	ObjectsPerRequest    *float64 `json:"objects_per_request"`
	GoroutinesPerRequest *float64 `json:"goroutines_per_request"`
	// GrowthBytes is the last checkpoint's live heap minus the first's.
	GrowthBytes *int64 `json:"growth_bytes"`
	// ProjectedGrowthBytes is slope × the requests of the growth budget's time
	// at the scenario's rate.
	ProjectedGrowthBytes *float64  `json:"projected_growth_bytes"`
	ChurnBytesPerRequest *float64  `json:"churn_bytes_per_request"`
	SecondsToVerdict     float64   `json:"seconds_to_verdict"`
	RequestsToVerdict    int       `json:"requests_to_verdict"`
	Reasons              []Reason  `json:"reasons"`
	Warnings             []Warning `json:"warnings"`
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
