package harness

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Bytes is an amount of memory. Its text form is a number with an IEC unit:
// "512", "64KiB", "1.5GiB". Decimal units ("10MB") are read too, at their
// decimal value.
type Bytes int64

// IEC multiples of a byte.
const (
	KiB Bytes = 1 << (10 * (iota + 1))
	MiB
	GiB
	TiB
)

var byteUnits = []struct {
	name string
	size float64
}{
	{"tib", float64(TiB)}, {"gib", float64(GiB)}, {"mib", float64(MiB)}, {"kib", float64(KiB)},
	{"tb", 1e12}, {"gb", 1e9}, {"mb", 1e6}, {"kb", 1e3}, {"b", 1},
}

// ParseBytes reads an amount of memory such as "50MiB".
func ParseBytes(text string) (Bytes, error) {
	number, size := strings.ToLower(strings.TrimSpace(text)), 1.0
	for _, u := range byteUnits {
		if rest, ok := strings.CutSuffix(number, u.name); ok {
			number, size = strings.TrimSpace(rest), u.size
			break
		}
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !finite(v) || v < 0 || v*size > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q is not an amount of memory: want a number and a unit, such as 512B, 64KiB or 2GiB", text)
	}
	return Bytes(math.Round(v * size)), nil
}

// String prints the amount scaled to the largest IEC unit below it.
func (b Bytes) String() string { return FormatBytes(float64(b)) }

// FormatBytes prints a possibly fractional or negative amount of bytes with
// three significant digits and an IEC unit: "53.1 KiB", "0.4 B", "0 B".
func FormatBytes(v float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for math.Abs(v) >= 1023.5 && i < len(units)-1 {
		v /= 1024
		i++
	}
	return significant(v) + " " + units[i]
}

// FormatCount prints a number with three significant digits at most below a
// thousand, and in full with thin groups above: "0.002", "1.02", "140 000".
func FormatCount(v float64) string {
	switch a := math.Abs(v); {
	case a >= 0.0005 && a < 0.01:
		return strconv.FormatFloat(v, 'f', 3, 64)
	case a < 999.5:
		return significant(v)
	}
	digits := strconv.FormatFloat(math.Abs(math.Round(v)), 'f', 0, 64)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(d)
	}
	if v < 0 {
		return "-" + b.String()
	}
	return b.String()
}

func significant(v float64) string {
	decimals := 0
	switch a := math.Abs(v); {
	case a < 0.005:
		return "0"
	case a < 9.995:
		decimals = 2
	case a < 99.95:
		decimals = 1
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// MarshalText writes the exact amount in the largest unit that divides it.
func (b Bytes) MarshalText() ([]byte, error) {
	for _, u := range []struct {
		name string
		size Bytes
	}{{"TiB", TiB}, {"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}} {
		if b != 0 && b%u.size == 0 {
			return []byte(strconv.FormatInt(int64(b/u.size), 10) + u.name), nil
		}
	}
	return []byte(strconv.FormatInt(int64(b), 10) + "B"), nil
}

// UnmarshalText reads what [ParseBytes] reads.
func (b *Bytes) UnmarshalText(text []byte) (err error) {
	*b, err = ParseBytes(string(text))
	return err
}

// Duration is a span of time whose text form is that of [time.Duration]:
// "300s", "2m".
type Duration time.Duration

func (d Duration) String() string { return time.Duration(d).String() }

// Seconds is the span in seconds.
func (d Duration) Seconds() float64 { return time.Duration(d).Seconds() }

// MarshalText writes the span as [time.Duration] prints it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [time.ParseDuration] reads.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("%q is not a duration: want a number and a unit, such as 400ms, 300s or 2m", text)
	}
	*d = Duration(v)
	return nil
}

// Rate is a number of requests per second. Its text form is "100/s", "6000/m"
// or "max": as fast as the target answers, a closed loop.
type Rate float64

// MaxRate is the rate of a closed loop over all connections.
var MaxRate = Rate(math.Inf(1))

// ParseRate reads a rate such as "100/s"; a bare number is per second.
func ParseRate(text string) (Rate, error) {
	s := strings.ToLower(strings.TrimSpace(text))
	if s == "max" {
		return MaxRate, nil
	}
	number, per, divided := strings.Cut(s, "/")
	seconds := 1.0
	if divided {
		switch strings.TrimSpace(per) {
		case "s", "sec", "second":
		case "m", "min", "minute":
			seconds = 60
		default:
			number = ""
		}
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !finite(v) {
		return 0, fmt.Errorf("%q is not a rate: want requests per time, such as 100/s, 6000/m or max", text)
	}
	return Rate(v / seconds), nil
}

// IsMax tells whether the rate is that of a closed loop.
func (r Rate) IsMax() bool { return math.IsInf(float64(r), 1) }

func (r Rate) String() string {
	if r.IsMax() {
		return "max"
	}
	return strconv.FormatFloat(float64(r), 'g', -1, 64) + "/s"
}

// MarshalText writes the rate as [Rate.String] does.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what [ParseRate] reads.
func (r *Rate) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRate(string(text))
	return err
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
