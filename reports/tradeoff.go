package reports

import "github.com/leaklab/leaklab/harness"

// tradeoffGrid sets what each variant costs beside what its author says of it.
// Memory is that of the last checkpoint of the load that was asked for: a set in
// Redis moves bytes, it does not remove them, so Redis's part stands beside the
// process's.
func tradeoffGrid(r harness.Record) grid {
	g := grid{
		header: []string{"variant", "live heap", "RSS", "in Redis", "CPU ms " + axisOf(r).each(), "complexity", "best for"},
		wrap:   map[string]int{"complexity": 23, "best for": 34}, // 120 columns in all
	}
	for _, v := range r.Variants {
		heap, rss := unknown, unknown
		if asked := harness.Asked(v.Checkpoints); len(asked) > 0 {
			last := asked[len(asked)-1]
			rss = known(last.RSSBytes, bytesOf)
			if v.Gauge != harness.GaugeFootprint {
				heap = bytesOf(last.LiveHeapBytes)
			}
		}
		g.add(plain,
			safe(v.Name), heap, rss,
			known(v.RedisBytes, bytesOf),
			known(v.Load.CPUSecondsPerRequest, milliseconds),
			orUnknown(v.Complexity), orUnknown(v.BestFor),
		)
	}
	g.dropUnknown("in Redis", "complexity", "best for")
	return g
}

// memoryOf says what load the memory of the trade-offs is of, where the lab sent more
// after it: what is bounded and what is not look alike before. Empty where it is the
// whole run's.
func memoryOf(r harness.Record) string {
	for _, v := range r.Variants {
		if len(harness.Asked(v.Checkpoints)) < len(v.Checkpoints) {
			return "live heap and RSS: at the end of the load that was asked for, before the lab sent more to find a bound or a line"
		}
	}
	return ""
}

func orUnknown(text string) string {
	if text = safe(text); text == "" {
		return unknown
	}
	return text
}
