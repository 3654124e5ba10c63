package reports

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// growth says what the growth is paid per and how much each pays, as far as
// experiments found that.
func growth(v harness.Verdict) []string {
	return slices.DeleteFunc([]string{driver(v), paid(v)}, func(s string) bool { return s == "" })
}

// driver says what a leak is paid per; empty where no experiment found it, and
// where the growth has an end.
func driver(v harness.Verdict) string {
	if v.Outcome != harness.Fail {
		return ""
	}
	switch v.Driver {
	case harness.PerRequest:
		return "grows with every request, the same requests again included"
	case harness.PerKey:
		if slices.ContainsFunc(v.Parts, func(p harness.Part) bool { return p.Driver == harness.PerRequest }) {
			return "grows with every new key"
		}
		return "grows with every new key, not with a repeated one"
	case harness.PerConnection:
		return "grows with every new connection"
	case harness.PerTime:
		return "grows with time, without any load"
	}
	return ""
}

// negligible is the part of what the first driver pays below which another one
// is left to the record: the runtime itself leaves some 80 B for a new request.
const negligible = 0.01

// paid is how much of the growth each driver pays for, the verdict's own first:
// "336 B in 2 objects per new key; 32 B in 1 object per request beside it".
// Empty where the growth was not taken apart.
func paid(v harness.Verdict) string {
	parts := slices.Clone(v.Parts)
	slices.SortStableFunc(parts, func(a, b harness.Part) int {
		return cmp.Compare(rank(a.Driver, v.Driver), rank(b.Driver, v.Driver))
	})
	var all []string
	for _, p := range parts {
		first := parts[0]
		if p.Bytes < negligible*first.Bytes && p.Objects < negligible*first.Objects && p.Goroutines <= 0 {
			continue
		}
		if amount := amount(p); amount != "" {
			all = append(all, amount+" per "+payer(p))
		}
	}
	if len(all) > 1 {
		all[len(all)-1] += " beside it"
	}
	return strings.Join(all, "; ")
}

// rank puts the verdict's driver first.
func rank(d, first harness.Driver) int {
	if d == first {
		return 0
	}
	return 1
}

// payer is what a part is paid per, in words.
func payer(p harness.Part) string {
	switch p.Driver {
	case harness.PerKey, harness.PerConnection:
		return "new " + string(p.Driver)
	}
	return safe(p.Unit)
}

// amount is what a part adds each time; what it does not add is left out.
func amount(p harness.Part) string {
	var all []string
	if p.Goroutines > 0 {
		all = append(all, counted(p.Goroutines, "goroutine"))
	}
	switch {
	case p.Bytes > 0 && p.Objects > 0:
		all = append(all, bytesOf(p.Bytes)+" in "+counted(p.Objects, "object"))
	case p.Bytes > 0:
		all = append(all, bytesOf(p.Bytes))
	case p.Objects > 0:
		all = append(all, counted(p.Objects, "object"))
	}
	return strings.Join(all, ", ")
}

// counted is a number of things: "1 object", "0.1 objects".
func counted(n float64, thing string) string {
	text := harness.FormatCount(n)
	if text != "1" {
		thing += "s"
	}
	return text + " " + thing
}
