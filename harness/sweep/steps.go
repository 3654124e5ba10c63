package sweep

// Step is how a target answered a closed loop: as many requests under way as there
// are connections, the next one sent when an answer is there. Its latency counts
// from the sending: in a closed loop no request is due before that.
type Step struct {
	Connections       int     `json:"connections"`
	Requests          int     `json:"requests"`
	Errors            int     `json:"errors"`
	RatePerSecond     float64 `json:"rate_per_second"`
	LatencyP99Seconds float64 `json:"latency_p99_seconds"`
}

// Fastest is the step with the highest rate of those whose 99th percentile of
// latency is within a bound in seconds and that failed no request. A bound of zero
// is none.
func Fastest(steps []Step, bound float64) (fastest Step, ok bool) {
	for _, s := range steps {
		within := bound == 0 || s.LatencyP99Seconds <= bound
		if within && s.Errors == 0 && s.RatePerSecond > fastest.RatePerSecond {
			fastest, ok = s, true
		}
	}
	return fastest, ok
}
