package reports

import (
	"encoding/json"
	"io"

	"github.com/leaklab/leaklab/harness"
)

// JSON writes the record as it is stored. Its error is the writer's, or names
// what has no JSON, which no record that is valid holds.
func JSON(w io.Writer, r harness.Record, _ Options) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	return encoder.Encode(r)
}
