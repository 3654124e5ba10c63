package sweep

import "github.com/leaklab/leaklab/harness"

// Figures is what was measured of a point; null is what was not.
type Figures struct {
	Verdict harness.Outcome     `json:"verdict"`
	Class   harness.Class       `json:"class"`
	Expect  harness.Expectation `json:"expect"`
	// Death is the cause of the target's end, if it ended by itself: past its
	// memory ceiling is a result, no failure.
	Death string `json:"death,omitzero"`
	// LiveHeapBytes and RSSBytes are those of the last checkpoint of the load that
	// was asked for, PeakRSSBytes is the largest of all.
	LiveHeapBytes *float64 `json:"live_heap_bytes"`
	RSSBytes      *float64 `json:"rss_bytes"`
	PeakRSSBytes  *float64 `json:"peak_rss_bytes"`
	RedisBytes    *float64 `json:"redis_bytes"`
	// RetainedBytesPerRequest is the slope of the live heap, RetainedHigh the upper
	// end of its interval.
	RetainedBytesPerRequest *float64 `json:"retained_bytes_per_request"`
	RetainedHigh            *float64 `json:"retained_high"`
	ChurnBytesPerRequest    *float64 `json:"churn_bytes_per_request"`
	CPUSecondsPerRequest    *float64 `json:"cpu_seconds_per_request"`
	// LatencyP50Seconds and LatencyP99Seconds are at the scenario's rate, of which
	// RatePerSecond was held.
	LatencyP50Seconds *float64 `json:"latency_p50_seconds"`
	LatencyP99Seconds *float64 `json:"latency_p99_seconds"`
	RatePerSecond     *float64 `json:"rate_per_second"`
	// FalsePositiveShare is of the requests whose true answer was no, 0 to 1.
	FalsePositiveShare *float64 `json:"false_positive_share"`
	Wrong              int      `json:"wrong"`
	// CeilingBytes is the footprint past which the target is not loaded any more.
	CeilingBytes float64 `json:"ceiling_bytes"`
}

// Of is the figures of the first variant of a record.
func Of(record harness.Record) *Figures {
	if len(record.Variants) == 0 || len(record.Variants[0].Checkpoints) == 0 {
		return nil
	}
	v := record.Variants[0]
	f := &Figures{
		Verdict: v.Verdict.Outcome, Class: v.Verdict.Class, Expect: v.Expect,
		RetainedBytesPerRequest: v.Verdict.SlopeBytesPerRequest,
		RetainedHigh:            v.Verdict.SlopeHigh,
		ChurnBytesPerRequest:    v.Verdict.ChurnBytesPerRequest,
		CPUSecondsPerRequest:    v.Load.CPUSecondsPerRequest,
		LatencyP50Seconds:       v.Load.LatencyP50Seconds,
		LatencyP99Seconds:       v.Load.LatencyP99Seconds,
		RedisBytes:              number(v.RedisBytes),
		PeakRSSBytes:            peak(v),
		Wrong:                   v.Answers.Wrong,
		CeilingBytes:            float64(record.Spec.MemoryCeiling),
	}
	if v.Death != nil {
		f.Death = v.Death.Cause
	}
	last := lastAsked(v.Checkpoints)
	f.RSSBytes = number(last.RSSBytes)
	if v.Gauge != harness.GaugeFootprint {
		f.LiveHeapBytes = new(float64(last.LiveHeapBytes))
	}
	if v.Load.Requests > 0 {
		f.RatePerSecond = new(v.Load.RatePerSecond)
	}
	if v.Answers.Negatives > 0 {
		f.FalsePositiveShare = new(float64(v.Answers.FalsePositives) / float64(v.Answers.Negatives))
	}
	return f
}

// lastAsked is the last checkpoint before the lab added load of its own.
func lastAsked(checkpoints []harness.Checkpoint) harness.Checkpoint {
	last := checkpoints[0]
	for _, c := range checkpoints[1:] {
		if c.Round == harness.Flood || c.Round == harness.Sampling {
			break
		}
		last = c
	}
	return last
}

// peak is the largest footprint that was read, nil where none was.
func peak(v harness.Result) *float64 {
	var most *float64
	see := func(rss *int64) {
		if rss != nil && (most == nil || float64(*rss) > *most) {
			most = number(rss)
		}
	}
	for _, c := range v.Checkpoints {
		see(c.RSSBytes)
	}
	for _, s := range v.Timeline {
		see(s.RSSBytes)
	}
	return most
}

func number(v *int64) *float64 {
	if v == nil {
		return nil
	}
	return new(float64(*v))
}
