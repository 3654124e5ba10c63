package harness

import (
	"fmt"
	"strconv"
	"strings"
)

// Budget is what a variant may do. The zero value sets no limit: then a
// variant leaks when its slope is above the noise floor of the way its memory
// is read. A budget of growth (growth, slope, objects, goroutines, off_heap,
// time_to_oom) only ever loosens that floor.
type Budget struct {
	// Growth is the growth of the live heap allowed in a time at the scenario's
	// rate: slope × requests in that time.
	Growth Growth `json:"growth,omitzero" yaml:"growth"`
	// Slope is the growth of the live heap allowed for each request.
	Slope BytesPerRequest `json:"slope,omitzero" yaml:"slope"`
	// Objects is the growth of the number of live objects allowed for each request.
	Objects CountPerRequest `json:"objects,omitzero" yaml:"objects"`
	// Goroutines is the growth of the number of goroutines allowed for each request.
	Goroutines CountPerRequest `json:"goroutines,omitzero" yaml:"goroutines"`
	// OffHeap is the growth of off-heap memory allowed for each request.
	OffHeap BytesPerRequest `json:"off_heap,omitzero" yaml:"off_heap"`
	// TimeToOOM is how long the service must last within a limit at the scenario's
	// rate.
	TimeToOOM TimeToOOM `json:"time_to_oom,omitzero" yaml:"time_to_oom"`
	// Peak is the largest live heap allowed at any checkpoint.
	Peak Bytes `json:"peak,omitzero" yaml:"peak"`
	// RSS is the largest footprint allowed at a checkpoint, up to the first flood:
	// what that sends at once is not the scenario's load.
	RSS Bytes `json:"rss,omitzero" yaml:"rss"`
	// Keys is the number of distinct keys that a cache of the service holds: growth
	// for each key is no leak until twice as many were sent.
	Keys int `json:"keys,omitzero" yaml:"keys"`
	// Churn is what a request may allocate, kept or not.
	Churn BytesPerRequest `json:"churn,omitzero" yaml:"churn"`
	// GCCPU is the share of its CPU time that the target may collect garbage for,
	// under load.
	GCCPU Share `json:"gc_cpu,omitzero" yaml:"gc_cpu"`
}

// Growth is an amount of memory in a time: "50MiB/30s".
type Growth struct {
	Bytes Bytes
	Over  Duration
}

// String prints the growth as a scenario writes it.
func (g Growth) String() string {
	amount, _ := g.Bytes.MarshalText()
	return string(amount) + "/" + g.Over.String()
}

// MarshalText writes the growth as a scenario writes it.
func (g Growth) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads an amount and a time: "50MiB/30s".
func (g *Growth) UnmarshalText(text []byte) error {
	amount, over, _ := strings.Cut(string(text), "/")
	var v Growth
	if v.Bytes.UnmarshalText([]byte(amount)) != nil || v.Over.UnmarshalText([]byte(over)) != nil || v.Over <= 0 {
		return fmt.Errorf("%q is not a growth: want an amount in a time, such as 50MiB/30s", text)
	}
	*g = v
	return nil
}

// TimeToOOM is a time that a service must last and the memory that it has:
// "24h/1GiB".
type TimeToOOM struct {
	AtLeast Duration
	Limit   Bytes
}

// String prints the time and the limit as a scenario writes them.
func (t TimeToOOM) String() string {
	limit, _ := t.Limit.MarshalText()
	return t.AtLeast.String() + "/" + string(limit)
}

// MarshalText writes the time and the limit as a scenario writes them.
func (t TimeToOOM) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads a time and a limit: "24h/1GiB".
func (t *TimeToOOM) UnmarshalText(text []byte) error {
	least, limit, _ := strings.Cut(string(text), "/")
	var v TimeToOOM
	if v.AtLeast.UnmarshalText([]byte(least)) != nil || v.Limit.UnmarshalText([]byte(limit)) != nil || v.AtLeast <= 0 || v.Limit <= 0 {
		return fmt.Errorf("%q is no time to OOM: want the least time within a limit, such as 24h/1GiB", text)
	}
	*t = v
	return nil
}

// BytesPerRequest is an amount of memory for each request: "16B/request".
type BytesPerRequest float64

// String prints the amount with an IEC unit.
func (b BytesPerRequest) String() string { return FormatBytes(float64(b)) + "/request" }

// MarshalText writes the exact amount in bytes.
func (b BytesPerRequest) MarshalText() ([]byte, error) {
	return []byte(strconv.FormatFloat(float64(b), 'f', -1, 64) + "B/request"), nil
}

// UnmarshalText reads an amount for each request: "16B/request", "1.5KiB/request".
func (b *BytesPerRequest) UnmarshalText(text []byte) error {
	amount, ok := strings.CutSuffix(strings.TrimSpace(string(text)), "/request")
	v, err := ParseBytes(amount)
	if f, ferr := strconv.ParseFloat(strings.TrimSuffix(amount, "B"), 64); ferr == nil && finite(f) && f >= 0 {
		*b = BytesPerRequest(f)
	} else if ok && err == nil {
		*b = BytesPerRequest(v)
	} else {
		ok = false
	}
	if !ok {
		return fmt.Errorf("%q is not an amount for each request: want bytes per request, such as 16B/request", text)
	}
	return nil
}

// CountPerRequest is a number of things for each request: "0.001/request".
type CountPerRequest float64

// String prints the number as a scenario writes it.
func (p CountPerRequest) String() string {
	return strconv.FormatFloat(float64(p), 'g', -1, 64) + "/request"
}

// MarshalText writes the number as a scenario writes it.
func (p CountPerRequest) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a number for each request: "0.001/request".
func (p *CountPerRequest) UnmarshalText(text []byte) error {
	number, ok := strings.CutSuffix(strings.TrimSpace(string(text)), "/request")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if !ok || err != nil || !finite(v) || v < 0 {
		return fmt.Errorf("%q is not a number for each request: want such as 0.001/request", text)
	}
	*p = CountPerRequest(v)
	return nil
}

// Share is a part of a whole, 0 to 1: "25%".
type Share float64

// String prints the share as a scenario writes it.
func (s Share) String() string { return strconv.FormatFloat(100*float64(s), 'g', -1, 64) + "%" }

// MarshalText writes the share as a scenario writes it.
func (s Share) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a share in percent: "25%".
func (s *Share) UnmarshalText(text []byte) error {
	number, ok := strings.CutSuffix(strings.TrimSpace(string(text)), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if !ok || err != nil || !finite(v) || v < 0 {
		return fmt.Errorf("%q is not a share: want percent, such as 25%%", text)
	}
	*s = Share(v / 100)
	return nil
}
