package blame

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// fingerprint identifies a site across runs and builds: 12 hexadecimal digits of a
// hash of its function's name. Its callers and callees are left out, since sampling
// decides which of them a run sees; file and line, since they move with every edit;
// and type arguments, since their shapes are the compiler's choice. So all lines of
// a function share one.
func fingerprint(site harness.Frame) string {
	hash := sha256.Sum256([]byte(withoutTypeArguments(site.Function)))
	return hex.EncodeToString(hash[:6])
}

// withoutTypeArguments replaces each outermost [...] by []: the text within
// differs between a symbol's name, a printed one and a compiler's shape.
func withoutTypeArguments(function string) string {
	var b strings.Builder
	depth := 0
	for _, r := range function {
		switch {
		case r == '[':
			depth++
			if depth == 1 {
				b.WriteRune(r)
			}
		case r == ']' && depth > 0:
			depth--
			if depth == 0 {
				b.WriteRune(r)
			}
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}
