package reports

import "github.com/leaklab/leaklab/harness"

// axis is what growth is told for where the load came from elsewhere: a unit of
// what was counted in the place of requests, such as "KiB allocated". Empty:
// requests.
type axis string

// axisOf is the axis of a run: all its variants have the same.
func axisOf(r harness.Record) axis {
	for _, v := range r.Variants {
		if v.Axis != "" {
			return axis(safe(v.Axis))
		}
	}
	return ""
}

// each is what a figure is for: "a request", "per KiB allocated".
func (a axis) each() string {
	if a == "" {
		return "a request"
	}
	return "per " + string(a)
}

// per is the same where it stands beside other drivers: "per request".
func (a axis) per() string {
	if a == "" {
		return "per request"
	}
	return a.each()
}

// units is what is counted: "requests", "KiB allocated".
func (a axis) units() string {
	if a == "" {
		return "requests"
	}
	return string(a)
}
