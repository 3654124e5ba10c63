package reports

import "github.com/leaklab/leaklab/harness"

// each is what growth is told for: a request, or a unit of what was counted in
// their place where the load came from elsewhere. All variants of a run have the
// same.
func each(r harness.Record) string {
	for _, v := range r.Variants {
		if v.Axis != "" {
			return "per " + safe(v.Axis)
		}
	}
	return "a request"
}

// fromElsewhere tells whether the lab did not load the variants itself.
func fromElsewhere(r harness.Record) bool { return each(r) != "a request" }
