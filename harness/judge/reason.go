package judge

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/trend"
)

// growthReasons says which channels grow, by how much, and what was allowed.
func growthReasons(e Evidence, growing []channel) []harness.Reason {
	var reasons []harness.Reason
	for _, c := range growing {
		since := ""
		if c.since > 0 {
			since = fmt.Sprintf(" from %s on", e.at(c.since))
		}
		r := harness.Reason{Measured: c.estimate(), Budget: new(c.limit)}
		switch c.kind {
		case liveBytes:
			r.Code, r.Unit = "slope", "bytes/request"
			r.Text = fmt.Sprintf("the live heap grows by %s %s%s, at least %s at 99 %%; allowed are %s",
				harness.FormatBytes(r.Measured), e.each(), since, harness.FormatBytes(c.line.Low), harness.FormatBytes(c.limit))
			reasons = append(append(reasons, projectedReasons(e, r.Measured)...), oomReasons(e, c)...)
		case liveObjects:
			r.Code, r.Unit = "objects", "objects/request"
			r.Text = objectsText(r.Measured, growing, e.each()+" stay reachable"+since)
		case goroutines:
			r.Code, r.Unit = "goroutines", "goroutines/request"
			count, never := counted(r.Measured, "goroutine"), "never end"
			if strings.HasSuffix(count, "goroutine") {
				never = "never ends"
			}
			r.Text = fmt.Sprintf("%s %s %s%s; allowed are %s", count, e.each(), never, since, harness.FormatCount(c.limit))
		case offHeap:
			r.Code, r.Unit = "off-heap", "bytes/request"
			grows := "memory outside Go's runtime grows by %s %s%s while the heap does not; allowed are %s"
			if !readsHeap(e) {
				grows = "the footprint of the process grows by %s %s%s; allowed are %s"
			}
			r.Text = fmt.Sprintf(grows, harness.FormatBytes(r.Measured), e.each(), since, harness.FormatBytes(c.limit))
		}
		reasons = append(reasons, r)
	}
	return reasons
}

// projectedReasons says that the growth budget is passed, where one is set.
func projectedReasons(e Evidence, slope float64) []harness.Reason {
	requests := growthRequests(e)
	budget := float64(e.Budget.Growth.Bytes)
	if requests == 0 || slope*requests <= budget {
		return nil
	}
	return []harness.Reason{{Code: "growth", Measured: slope * requests, Budget: &budget, Unit: "bytes",
		Text: fmt.Sprintf("at this rate the live heap grows by %s in %s; allowed are %s",
			harness.FormatBytes(slope*requests), e.Budget.Growth.Over, e.Budget.Growth.Bytes)}}
}

// wholeTolerance is how far a number of objects may be from a whole one: clean
// targets move by 0.03 a request.
const wholeTolerance = 0.03

// objectsText says how many objects a request leaves, and of which size where
// the number is whole: a whole number is what a leak leaves, and noise does not.
func objectsText(objects float64, growing []channel, stay string) string {
	whole := math.Round(objects)
	if whole < 1 || math.Abs(objects-whole) > wholeTolerance {
		return fmt.Sprintf("%s %s", counted(objects, "object"), stay)
	}
	for _, c := range growing {
		if c.kind == liveBytes {
			return fmt.Sprintf("exactly %s %s, %s each on average", counted(whole, "object"), stay, harness.FormatBytes(c.estimate()/whole))
		}
	}
	return fmt.Sprintf("exactly %s %s", counted(whole, "object"), stay)
}

// unsettledReasons says what is not settled, and what would settle it.
func unsettledReasons(e Evidence, unsettled []channel) []harness.Reason {
	var reasons []harness.Reason
	for _, c := range unsettled {
		name, unit := c.name()
		text := fmt.Sprintf("the %s cannot be told from growth yet: more segments would settle it", name)
		if c.steps > 0 {
			want := int(math.Ceil(bendFactor*c.bend)) - e.WarmUpRequests
			text = fmt.Sprintf("the %s last grew at %s: no growth up to %s would show a bound "+
				"(raise load.max_time and load.segments.max, or warm up past the cache's capacity)",
				name, e.at(c.bend-float64(e.WarmUpRequests)), e.at(float64(want)))
		}
		reasons = append(reasons, harness.Reason{Code: "unsettled", Measured: c.line.Slope, Budget: new(c.limit), Unit: unit, Text: text})
	}
	return reasons
}

func (c channel) name() (name, unit string) {
	switch c.kind {
	case liveObjects:
		return "number of live objects", "objects/request"
	case goroutines:
		return "number of goroutines", "goroutines/request"
	case offHeap:
		return "off-heap memory", "bytes/request"
	}
	return "live heap", "bytes/request"
}

// resolution is the finest slope that a sentence claims to have excluded.
const resolution = 0.1

func cleanReason(e Evidence, channels []channel) harness.Reason {
	bytes := channels[liveBytes]
	if !bytes.fitted {
		bytes = channels[offHeap]
	}
	requests := float64(e.Checkpoints[len(e.Checkpoints)-1].Requests)
	bound := max(bytes.line.High, resolution)
	if e.Floor.Continuous && requests > 0 { // what is hidden in the noise of all readings
		bound = max(bound, e.Floor.SlackBytes/float64(requests))
	}
	text := fmt.Sprintf("no growth above %s %s up to %s", harness.FormatBytes(bound), e.each(), e.amount(requests))
	if bytes.shape == shapeBent {
		name, _ := bytes.name()
		bound = 0
		text = fmt.Sprintf("the %s stopped growing at %s of %s",
			name, e.at(max(0, bytes.bend-float64(e.WarmUpRequests))), harness.FormatCount(requests))
	}
	return harness.Reason{Code: "clean", Measured: bound, Budget: new(bytes.limit), Unit: "bytes/request", Text: text}
}

func fewReason(e Evidence, measured float64) harness.Reason {
	want := settleFactor * e.Load.Segments.Min
	return harness.Reason{Code: "few-checkpoints", Measured: measured, Budget: new(float64(want)), Unit: "segments",
		Text: fmt.Sprintf("%s of the %d segments that a verdict needs were measured", harness.FormatCount(measured), want)}
}

func failedReason(e Evidence) harness.Reason {
	share := float64(e.Errors) / float64(max(e.Requests, 1))
	text := fmt.Sprintf("%s of %s requests failed", harness.FormatCount(float64(e.Errors)), harness.FormatCount(float64(e.Requests)))
	if e.FirstError != "" {
		text += ", the first: " + e.FirstError
	}
	return harness.Reason{Code: "requests-failed", Measured: share, Budget: new(0.5), Unit: "errors/request", Text: text}
}

// nothingReason says that so many requests failed that nothing was measured.
func nothingReason(e Evidence) harness.Reason {
	r := failedReason(e)
	r.Text = "nothing was measured: " + r.Text
	return r
}

func deathReason(e Evidence) harness.Reason {
	return harness.Reason{Code: e.Death.Cause, Measured: e.Death.AtSeconds, Unit: "seconds",
		Text: fmt.Sprintf("the target %s %s: %s", deathVerb(e.Death.Cause), deathTime(e), e.Death.Evidence)}
}

// deathTime is when a target ended, which was during the warm-up where no
// checkpoint was read.
func deathTime(e Evidence) string {
	if len(e.Checkpoints) == 0 {
		return "during the warm-up"
	}
	return fmt.Sprintf("after %.1f s", e.Death.AtSeconds)
}

func deathVerb(cause string) string {
	switch cause {
	case harness.Hung:
		return "stopped answering"
	case harness.Gone:
		return "was gone"
	case harness.Restarted:
		return "was found restarted"
	}
	return "died"
}

func peakReason(e Evidence, peak int64) harness.Reason {
	return harness.Reason{Code: "peak", Measured: float64(peak), Budget: new(float64(e.Budget.Peak)), Unit: "bytes",
		Text: fmt.Sprintf("the live heap reached %s; allowed are %s", harness.Bytes(peak), e.Budget.Peak)}
}

func rssReason(e Evidence, rss int64) harness.Reason {
	return harness.Reason{Code: "rss", Measured: float64(rss), Budget: new(float64(e.Budget.RSS)), Unit: "bytes",
		Text: fmt.Sprintf("the footprint reached %s; allowed are %s", harness.Bytes(rss), e.Budget.RSS)}
}

func churnReason(e Evidence, churn float64) harness.Reason {
	return harness.Reason{Code: "churn", Measured: churn, Budget: new(float64(e.Budget.Churn)), Unit: "bytes/request",
		Text: fmt.Sprintf("a request allocates %s, kept or not; allowed are %s", harness.FormatBytes(churn), harness.FormatBytes(float64(e.Budget.Churn)))}
}

func gcReason(e Evidence, share float64) harness.Reason {
	return harness.Reason{Code: "gc-cpu", Measured: share, Budget: new(float64(e.Budget.GCCPU)), Unit: "share of the CPU time",
		Text: fmt.Sprintf("%.0f %% of the CPU time collects garbage; allowed are %s", 100*share, e.Budget.GCCPU)}
}

// reasonOrder puts what a reader wants first first.
var reasonOrder = []string{harness.OOMKilled, "slope", "objects", "goroutines", "off-heap", "growth", "time-to-oom", "peak", "rss", "churn", "gc-cpu"}

func sortReasons(reasons []harness.Reason) []harness.Reason {
	rank := func(r harness.Reason) int {
		if i := slices.Index(reasonOrder, strings.TrimPrefix(r.Code, "suspect-")); i >= 0 {
			return i
		}
		return len(reasonOrder)
	}
	slices.SortStableFunc(reasons, func(a, b harness.Reason) int { return cmp.Compare(rank(a), rank(b)) })
	return reasons
}

// suspectReasons says what grows while it is not known yet what that means.
func suspectReasons(e Evidence, growing []channel) []harness.Reason {
	reasons := growthReasons(e, growing)
	for i := range reasons {
		reasons[i].Code = "suspect-" + reasons[i].Code
		reasons[i].Text = "suspected: " + reasons[i].Text
	}
	return reasons
}

// replayReason says that the same requests, sent again, grow as well.
func replayReason(c channel, replay []harness.Checkpoint) harness.Reason {
	_, unit := c.name()
	points := read(c.kind, replay)
	rate := trend.Rate(points)
	if line, ok := trend.TheilSen(points, trend.Z99); ok && line.Slope > c.limit { // beside the step of a map
		rate = line.Slope
	}
	return harness.Reason{Code: "replay", Measured: rate, Budget: new(c.limit), Unit: unit,
		Text: fmt.Sprintf("the same requests, sent again, add %s", c.amount(rate))}
}

func stoppedReason(e Evidence) harness.Reason {
	return harness.Reason{Code: "bound", Measured: e.Checkpoints[len(e.Checkpoints)-1].AtSeconds, Unit: "seconds",
		Text: "it grew without any load as well, and stopped"}
}

func timeReason(c channel, perSecond float64) harness.Reason {
	unit := [...]string{liveBytes: "bytes/second", liveObjects: "objects/second", goroutines: "goroutines/second", offHeap: "bytes/second"}[c.kind]
	return harness.Reason{Code: "time", Measured: perSecond, Unit: unit,
		Text: fmt.Sprintf("without any load, %s a second are added", c.thing(perSecond))}
}

// pileReason says that goroutines stay which are no leak for certain yet.
func pileReason(c channel, stay, requests float64) harness.Reason {
	return harness.Reason{Code: "goroutines-stay", Measured: stay, Budget: new(c.limit * requests), Unit: "goroutines",
		Text: fmt.Sprintf("%s stay of %s requests; allowed are %s: more segments would settle whether they are a leak",
			counted(stay, "goroutine"), harness.FormatCount(requests), harness.FormatCount(c.limit*requests))}
}

// amount is a growth a request with its unit.
func (c channel) amount(perRequest float64) string { return c.thing(perRequest) + " each" }

// thing is a number of what the channel counts.
func (c channel) thing(n float64) string {
	switch c.kind {
	case liveObjects:
		return counted(n, "object")
	case goroutines:
		return counted(n, "goroutine")
	}
	return harness.FormatBytes(n)
}

// counted is a number of things.
func counted(n float64, thing string) string {
	number := harness.FormatCount(n)
	if number != "1" {
		thing += "s"
	}
	return number + " " + thing
}

func filledReason(e Evidence) harness.Reason {
	return harness.Reason{Code: "growth", Measured: float64(lastGrowth(e)), Unit: "bytes",
		Text: fmt.Sprintf("the live heap grew by %s in %d segments, which is most of what the footprint grew by",
			harness.Bytes(lastGrowth(e)), len(e.Checkpoints)-1)}
}

func delayedReason(e Evidence) harness.Reason {
	return harness.Reason{Code: "delayed", Unit: "bytes", Measured: float64(lastGrowth(e)),
		Text: "what was added came down by more than half once no new keys came: it is released late, not leaked"}
}

// lastGrowth is the growth of the live heap under the load that was asked for,
// repeats and pauses included.
func lastGrowth(e Evidence) int64 {
	checkpoints := harness.Asked(e.Checkpoints)
	return checkpoints[len(checkpoints)-1].LiveHeapBytes - checkpoints[0].LiveHeapBytes
}

func unboundReason(keys float64, driver harness.Driver) harness.Reason {
	text := fmt.Sprintf("new keys showed no bound up to %s of them", harness.FormatCount(keys))
	if driver == harness.PerKey {
		text = "repeated keys add nothing; " + text
	}
	return harness.Reason{Code: "no-bound", Measured: keys, Unit: "keys", Text: text}
}

// floodReason says what a flood of new keys added, in steps that were too few for a
// line before it.
func floodReason(c channel, rate, keys float64) harness.Reason {
	return harness.Reason{Code: "slope", Measured: rate, Budget: new(c.limit), Unit: "bytes/request",
		Text: fmt.Sprintf("the live heap grows in steps, by %s for each new key up to %s of them; allowed are %s",
			harness.FormatBytes(rate), harness.FormatCount(keys), harness.FormatBytes(c.limit))}
}

func boundReason(e Evidence, keys float64) harness.Reason {
	text := fmt.Sprintf("it grew with new keys up to a bound, and stood still up to %s keys", harness.FormatCount(keys))
	if e.Floor.Continuous {
		text += fmt.Sprintf(", or grew by less than %s each", harness.FormatBytes(heapLimit(e)))
	}
	return harness.Reason{Code: "bound", Measured: keys, Unit: "keys", Text: text}
}

// ringReason says that requests, repeated or not, were kept up to a number of them.
func ringReason(requests float64) harness.Reason {
	return harness.Reason{Code: "bound", Measured: requests, Unit: "requests",
		Text: fmt.Sprintf("it grew with requests up to a bound, and stood still up to %s requests", harness.FormatCount(requests))}
}

func undecidedReason(c channel, keys float64) harness.Reason {
	_, unit := c.name()
	rate := max(c.estimate(), trend.Rate(c.points))
	return harness.Reason{Code: "undecided-by-flood", Measured: rate, Budget: new(c.limit), Unit: unit,
		Text: fmt.Sprintf("it grows by %s for a new key, and %s keys showed neither a bound nor its absence: "+
			"warm up with more distinct keys than the cache holds", c.thing(rate), harness.FormatCount(keys))}
}

func undeclaredReason(e Evidence, growing []channel) harness.Reason {
	c := growing[0]
	_, unit := c.name()
	if e.Axis != "" {
		return harness.Reason{Code: "driver-unknown", Measured: c.estimate(), Budget: new(c.limit), Unit: unit,
			Text: fmt.Sprintf("it grows by %s %s, which may be a leak or new keys that a cache takes in: with load from elsewhere no "+
				"experiment can tell them apart, so declare how many keys the service holds (budget.keys) or let the lab load it", c.thing(c.estimate()), e.each())}
	}
	return harness.Reason{Code: "driver-unknown", Measured: c.estimate(), Budget: new(c.limit), Unit: unit,
		Text: fmt.Sprintf("it grows by %s, which may be for each request or for each new key: requests must not be sent again, "+
			"so declare how many keys the service holds (budget.keys) or allow it (replay: always)", c.amount(c.estimate()))}
}

func keysReason(growing []channel, sent, keys int) harness.Reason {
	c := growing[0]
	_, unit := c.name()
	return harness.Reason{Code: "within-keys", Measured: c.estimate(), Budget: new(c.limit), Unit: unit,
		Text: fmt.Sprintf("it grows by %s, and %s of the declared %s keys were sent: twice as many would decide",
			c.amount(c.estimate()), harness.FormatCount(float64(sent)), harness.FormatCount(float64(keys)))}
}

func pastKeysReason(sent, keys int) harness.Reason {
	return harness.Reason{Code: "past-keys", Measured: float64(sent), Budget: new(2 * float64(keys)), Unit: "requests",
		Text: fmt.Sprintf("it grows on after %s requests, past twice the declared %s keys", harness.FormatCount(float64(sent)), harness.FormatCount(float64(keys)))}
}
