package harness

import "time"

// RecordSchema names the version of the record's format.
const RecordSchema = "leaklab/run/v1"

// Record is all of a run.
type Record struct {
	Schema      string      `json:"schema"`
	ID          string      `json:"id"`
	Scenario    string      `json:"scenario"`
	Outcome     Outcome     `json:"outcome"`
	Complete    bool        `json:"complete"`
	StartedAt   time.Time   `json:"started_at"`
	Seconds     float64     `json:"seconds"`
	Environment Environment `json:"environment"`
	// SelfTest is how the gate judged its own planted leak; null where it was left
	// out.
	SelfTest *SelfTest `json:"self_test"`
	// Spec is the scenario as it was run, overrides included.
	Spec Scenario `json:"spec"`
	// Command repeats the run; secrets are redacted.
	Command  []string  `json:"command"`
	Warnings []Warning `json:"warnings"`
	// Suppressions is what the run showed of the scenario's.
	Suppressions []SuppressionResult `json:"suppressions,omitzero"`
	Variants     []Result            `json:"variants"`
}

// SelfTest is how the gate judged a leak that was planted and its clean twin.
type SelfTest struct {
	PlantedLeak Outcome `json:"planted_leak"`
	CleanTwin   Outcome `json:"clean_twin"`
	Seconds     float64 `json:"seconds"`
}

// Trusted tells whether both were judged right.
func (s SelfTest) Trusted() bool { return s.PlantedLeak == Fail && s.CleanTwin == Pass }

// Misjudged tells whether one was taken for the other: then no verdict of the
// gate is worth anything.
func (s SelfTest) Misjudged() bool { return s.PlantedLeak == Pass || s.CleanTwin == Fail }

// Environment is where a run took place.
type Environment struct {
	GoVersion      string `json:"go_version"`
	OS             string `json:"os"`
	Arch           string `json:"arch"`
	CPUs           int    `json:"cpus"`
	MemoryBytes    *int64 `json:"memory_bytes"`
	GOGC           string `json:"gogc"`
	GOMEMLIMIT     string `json:"gomemlimit"`
	Revision       string `json:"revision"`
	ModulePath     string `json:"module_path"`
	SourceRoot     string `json:"source_root"`
	LeaklabVersion string `json:"leaklab_version"`
}

// GaugeKind is a way to read a target's memory, each with noise of its own.
type GaugeKind string

// The ways. The zero value means the probe.
const (
	GaugeProbe GaugeKind = "probe"
	GaugePprof GaugeKind = "pprof"
	// GaugeContinuous collects nothing and waits for nothing.
	GaugeContinuous GaugeKind = "continuous"
	// GaugeFootprint is what the kernel says of a process that tells nothing of
	// itself: live heap, objects and goroutines are zero in its checkpoints.
	GaugeFootprint GaugeKind = "footprint"
)

// Result is all that a run says of one variant.
type Result struct {
	Name    string `json:"name"`
	Handler string `json:"handler,omitzero"`
	// Gauge is how its memory was read; the probe where it is left out.
	Gauge GaugeKind `json:"gauge,omitzero"`
	// Axis is what requests stand for in checkpoints and slopes where the load came
	// from elsewhere, such as "KiB allocated"; requests where it is left out.
	Axis       string      `json:"axis,omitzero"`
	Expect     Expectation `json:"expect"`
	AsExpected bool        `json:"as_expected"`
	// Suppressed says that the variant leaks and that the scenario lets it pass.
	Suppressed bool `json:"suppressed,omitzero"`
	// Complexity and BestFor are what the variant's author says of it.
	Complexity  string       `json:"complexity,omitzero"`
	BestFor     string       `json:"best_for,omitzero"`
	Verdict     Verdict      `json:"verdict"`
	Checkpoints []Checkpoint `json:"checkpoints"`
	Timeline    []Sample     `json:"timeline"`
	Load        LoadResult   `json:"load"`
	Answers     Answers      `json:"answers"`
	// RedisBytes is what the variant's data take in its Redis, where the backend
	// tells.
	RedisBytes *int64  `json:"redis_bytes"`
	Death      *Death  `json:"death"`
	Blame      []Blame `json:"blame"`
}

// LoadResult is how a variant answered the load of the counted segments.
type LoadResult struct {
	Requests int `json:"requests"`
	// WarmUpRequests were answered before the first checkpoint that counts, the
	// pre-warm included.
	WarmUpRequests    int      `json:"warm_up_requests,omitzero"`
	RatePerSecond     float64  `json:"rate_per_second"`
	Errors            int      `json:"errors"`
	LatencyP50Seconds *float64 `json:"latency_p50_seconds"`
	LatencyP99Seconds *float64 `json:"latency_p99_seconds"`
	// CPUSecondsPerRequest is the target's CPU time under load.
	CPUSecondsPerRequest *float64 `json:"cpu_seconds_per_request"`
	// Statuses counts responses by status code; 0 stands for no response.
	Statuses map[int]int `json:"statuses"`
	// FirstError is the first failure seen, for a reader.
	FirstError string `json:"first_error,omitzero"`
}

// FailedMost tells whether more than half of the requests failed: then nothing was
// measured that speaks for the variant.
func (l LoadResult) FailedMost() bool { return 2*l.Errors > l.Requests }

// Answers counts checked responses. Wrong excludes allowed false positives.
type Answers struct {
	Checked        int `json:"checked"`
	Wrong          int `json:"wrong"`
	FalsePositives int `json:"false_positives"`
	// Negatives is how many of the checked requests had the true answer no: the
	// denominator of the false-positive rate.
	Negatives int `json:"negatives"`
}

// Death is the end of a target before the lab ended it.
type Death struct {
	Cause    string `json:"cause"`
	ExitCode *int   `json:"exit_code"`
	Evidence string `json:"evidence"`
	// AtSeconds is when, since the load began.
	AtSeconds float64 `json:"at_seconds"`
	// ForecastSeconds is when the first checkpoints foretold it.
	ForecastSeconds *float64 `json:"forecast_seconds"`
	// GCShare is the part of the machine's processors that it spent on collections
	// in its last 10 s, or since the last collection but one, by the runtime's own
	// estimate, where it is known.
	GCShare *float64 `json:"gc_share,omitzero"`
}

// Causes of a target's death.
const (
	Crashed       = "crashed"
	Hung          = "hung"
	MemoryCeiling = "memory-ceiling"
	// OOMKilled is killed at its memory limit, or, where nothing enforces one, by a
	// watchdog in its place: the evidence says which.
	OOMKilled = "oom-killed"
	// Gone and Restarted are of services that the lab did not start.
	Gone      = "gone"
	Restarted = "restarted"
)

// Blame is one site and its share of the growth: one that allocates, or one that
// starts goroutines. Function, File and Line are the first frame outside the
// runtime and the standard library, else the leaf outside the runtime; of
// goroutines, the site that creates them.
type Blame struct {
	Function      string `json:"function"`
	File          string `json:"file"`
	Line          int    `json:"line"`
	GrowthBytes   int64  `json:"growth_bytes"`
	GrowthObjects int64  `json:"growth_objects"`
	// BytesPerRequest is the site's growth; where that is by time, on average over
	// the requests between the profiles.
	BytesPerRequest float64 `json:"bytes_per_request"`
	// BytesPerRequestLow and BytesPerRequestHigh are its 98 % interval, what
	// sampling leaves uncertain included; nil where two profiles are all there
	// is. A lower end of zero or below: too few samples, or too few rises.
	BytesPerRequestLow  *float64 `json:"bytes_per_request_low,omitzero"`
	BytesPerRequestHigh *float64 `json:"bytes_per_request_high,omitzero"`
	// GrowthGoroutines is the goroutines that a site started and that are still
	// there. Where it is not zero the bytes and objects are: they are on record
	// with the sites that allocated them.
	GrowthGoroutines     int64   `json:"growth_goroutines,omitzero"`
	GoroutinesPerRequest float64 `json:"goroutines_per_request,omitzero"`
	// LeakedGoroutines is how many of the site's goroutines nothing can wake any
	// more, by the runtime's own proof. Zero proves nothing.
	LeakedGoroutines int64 `json:"leaked_goroutines,omitzero"`
	// Share is the site's part of the growth, 0 to 1: of the live heap where its
	// slope is known, else of all that grew in the profiles and was not given back;
	// of goroutines likewise.
	Share float64 `json:"share"`
	// Samples is how many sampled objects came or went at the site: what the
	// figure rests on. Goroutines are all sampled.
	Samples int64   `json:"samples"`
	Stack   []Frame `json:"stack"` // leaf first; of goroutines, their creator, or the call that led to it, last
	// Fingerprint is of the function, and so the same for all of its lines.
	Fingerprint string `json:"fingerprint"`
}

// Frame is one call of a stack.
type Frame struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}
