package harness

import (
	"encoding"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Bounds of a scenario. They keep a slip of the finger from running for days or
// taking the machine down; each is far beyond what a measurement needs.
const (
	maxRate        = 100_000 // requests a second
	maxConnections = 10_000
	maxWarmUp      = 10_000_000
	maxSegment     = 1_000_000
	minSegments    = 4
	maxSegments    = 10_000
	maxVariants    = 32 // processes side by side
	minTime        = Duration(time.Second)
	maxTime        = Duration(24 * time.Hour)
	minTimeout     = Duration(time.Millisecond)
	maxTimeout     = Duration(10 * time.Minute)
	minCeiling     = 32 * MiB // room for an idle service
	minAccepted    = 400      // what is below is an answer without a word
	maxAccepted    = 599
)

// nameForm is the form of the names of scenarios and variants, which are also
// the names of files.
var nameForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$`)

// imageForm is the form of an image's name: registry, path, tag and digest.
var imageForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,254}$`)

// Validate reports all mistakes of the scenario at once, one error a line: what
// the values mean for themselves. Whether handlers exist and data fit them is
// for package scenarios to say.
func (s Scenario) Validate() error {
	c := checker{subject: fmt.Sprintf("scenario %q", s.Name)}
	c.name("name", s.Name)
	c.source("backends.redis", s.Backends.Redis)
	c.source("backends.sql", s.Backends.SQL)
	c.image("backends.redis_image", s.Backends.RedisImage)
	c.image("backends.sql_image", s.Backends.SQLImage)
	s.Load.validate(&c)
	s.Budget.validate(&c, "budget")
	s.Warn.validate(&c, "warn")
	c.want(s.Warn.Keys == 0, "warn.keys", s.Warn.Keys, "0: the keys that a service holds are no level")
	c.want(s.MemoryCeiling == 0 || s.MemoryCeiling >= minCeiling, "memory_ceiling", s.MemoryCeiling,
		"0 for the default, or at least %s", text(minCeiling))
	c.want(s.MemoryLimit == 0 || s.MemoryLimit >= minCeiling, "memory_limit", s.MemoryLimit,
		"0 for none, or at least %s", text(minCeiling))
	c.want(s.Replay == "" || s.Replay == ReplayAlways || s.Replay == ReplayNever, "replay", string(s.Replay), "always or never")
	for i, suppression := range s.Suppressions {
		path := fmt.Sprintf("suppressions[%d]", i)
		suppression.validate(&c, path)
		same := func(other Suppression) bool { return other.Fingerprint == suppression.Fingerprint }
		c.want(!slices.ContainsFunc(s.Suppressions[:i], same), path+".fingerprint", suppression.Fingerprint, "one that is not suppressed already")
	}
	c.want(len(s.Variants) >= 1 && len(s.Variants) <= maxVariants, "variants", len(s.Variants), "1 to %d of them", maxVariants)
	seen, control := map[string]bool{}, ""
	for i, v := range s.Variants {
		path := "variants." + v.Name // as --set writes it
		if !nameForm.MatchString(v.Name) || seen[v.Name] {
			path = fmt.Sprintf("variants[%d]", i)
		}
		c.name(path+".name", v.Name)
		c.want(!seen[v.Name], path+".name", v.Name, "a name that no other variant has")
		v.validate(&c, path)
		seen[v.Name] = true
		if v.Control {
			c.want(control == "", path+".control", v.Control, "one control at most, and %q is one", control)
			control = v.Name
		}
	}
	s.validateRequests(&c)
	return errors.Join(c.errs...)
}

func (l Load) validate(c *checker) {
	rateOK := l.Rate > 0 && (l.Rate <= maxRate || l.Rate.IsMax())
	c.want(rateOK, "load.rate", l.Rate, "above 0/s and at most %d/s, or max", maxRate)
	between(c, "load.connections", l.Connections, 1, maxConnections)
	between(c, "load.warm_up", l.WarmUp, 1, maxWarmUp)
	c.want(l.WarmUp >= l.Connections, "load.warm_up", l.WarmUp,
		"at least load.connections = %d: each must be open before the first checkpoint", l.Connections)
	between(c, "load.segment", l.Segment, 1, maxSegment)
	c.want(l.FirstSegment >= 0 && l.FirstSegment <= l.Segment, "load.first_segment", l.FirstSegment, "0 to load.segment = %d", l.Segment)
	c.want(l.Segments.Min >= minSegments, "load.segments.min", l.Segments.Min, "at least %d: fewer give no interval", minSegments)
	c.want(l.Segments.Max >= l.Segments.Min && l.Segments.Max <= maxSegments, "load.segments.max", l.Segments.Max,
		"load.segments.min = %d to %d", l.Segments.Min, maxSegments)
	between(c, "load.max_time", l.MaxTime, minTime, maxTime)
	between(c, "load.timeout", l.Timeout, minTimeout, maxTimeout)
	between(c, "load.patience", l.Patience, 0, maxTime)
	for i, status := range l.Accept {
		between(c, fmt.Sprintf("load.accept[%d]", i), status, minAccepted, maxAccepted)
	}
	if rateOK {
		seconds := float64(l.WarmUp) / float64(l.Rate)
		c.want(l.MaxTime.Seconds() >= seconds, "load.max_time", l.MaxTime,
			"at least %.3gs, which the warm-up takes: load.warm_up / load.rate", seconds)
	}
}

// validate checks the budget at a key of the scenario.
func (b Budget) validate(c *checker, key string) {
	c.want(b.Growth == Growth{} || b.Growth.Bytes >= 0 && b.Growth.Over > 0, key+".growth", b.Growth,
		"an amount, not negative, in a time above 0")
	c.want(b.TimeToOOM == TimeToOOM{} || b.TimeToOOM.AtLeast > 0 && b.TimeToOOM.Limit > 0, key+".time_to_oom", b.TimeToOOM,
		"a time and a limit above 0")
	notNegative(c, key+".slope", b.Slope)
	notNegative(c, key+".off_heap", b.OffHeap)
	notNegative(c, key+".churn", b.Churn)
	c.want(b.GCCPU >= 0 && b.GCCPU <= 1, key+".gc_cpu", b.GCCPU, "0%% to 100%%")
	notNegative(c, key+".objects", b.Objects)
	notNegative(c, key+".goroutines", b.Goroutines)
	c.want(b.Peak >= 0, key+".peak", b.Peak, "0B or more")
	c.want(b.RSS >= 0, key+".rss", b.RSS, "0B or more")
	c.want(b.Keys >= 0, key+".keys", b.Keys, "0 or more")
}

// checker collects the mistakes of one subject.
type checker struct {
	subject string
	errs    []error
}

// want notes a mistake unless ok: what the value at path should be.
func (c *checker) want(ok bool, path string, value any, format string, args ...any) {
	if ok {
		return
	}
	switch v := value.(type) {
	case string:
		value = fmt.Sprintf("%q", v)
	case encoding.TextMarshaler:
		value = text(v)
	}
	c.errs = append(c.errs, fmt.Errorf("%s: %s = %v, want %s", c.subject, path, value, fmt.Sprintf(format, args...)))
}

func (c *checker) name(path, name string) {
	c.want(nameForm.MatchString(name), path, name, "1 to 64 lower-case letters, digits and inner dashes")
}

func (c *checker) source(path, source string) {
	c.want(slices.Contains([]string{"", Embedded, External, Containers}, source), path, source, "%s, %s or %s", Embedded, External, Containers)
}

// image wants the name of an image, as far as its form tells: the engine knows.
func (c *checker) image(path, image string) {
	c.want(image == "" || imageForm.MatchString(image), path, image, "the name and tag of an image, such as %s", RedisImage)
}

// between wants lo ≤ value ≤ hi.
func between[T int | Duration](c *checker, path string, value, lo, hi T) {
	c.want(value >= lo && value <= hi, path, value, "%v to %v", lo, hi)
}

// notNegative wants a finite amount for each request of 0 or more.
func notNegative[T perRequest](c *checker, path string, value T) {
	c.want(value >= 0 && finite(float64(value)), path, value, "%v or more", text(T(0)))
}

// perRequest is an amount of something for each request.
type perRequest interface {
	BytesPerRequest | CountPerRequest
	encoding.TextMarshaler
}

// text is a value as a scenario writes it.
func text(v encoding.TextMarshaler) string {
	b, _ := v.MarshalText()
	return string(b)
}
