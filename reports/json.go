package reports

import (
	"encoding/json"
	"io"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/sweep"
)

// JSON writes the record as it is stored. Its error is the writer's, or names
// what has no JSON, which no record that is valid holds.
func JSON(w io.Writer, r harness.Record, _ Options) error { return indented(w, r) }

// SweepJSON writes the sweep as it is stored. Its error is as that of [JSON].
func SweepJSON(w io.Writer, s sweep.Sweep, _ SweepOptions) error { return indented(w, s) }

func indented(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	return encoder.Encode(v)
}
