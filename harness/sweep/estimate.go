package sweep

// SecondsLeft is how long the points that are to do take: each as long as the last
// one of its variant that was run, or as the mean of all where there is none. Not
// ok before the first.
func SecondsLeft(points []Point) (seconds float64, ok bool) {
	last := map[string]float64{}
	sum, run := 0.0, 0
	for _, p := range points {
		if p.State == Done && p.Seconds > 0 {
			last[p.Variant] = p.Seconds
			sum += p.Seconds
			run++
		}
	}
	if run == 0 {
		return 0, false
	}
	for _, p := range points {
		if p.State != ToDo {
			continue
		}
		if took, ok := last[p.Variant]; ok {
			seconds += took
		} else {
			seconds += sum / float64(run)
		}
	}
	return seconds, true
}
