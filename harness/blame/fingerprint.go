package blame

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// Fingerprint identifies a stack across runs and builds: 12 hexadecimal digits
// of a hash of its functions' names. Files and lines are left out, since they
// move with every edit, and type arguments, since their shapes are the
// compiler's choice.
func Fingerprint(stack []harness.Frame) string {
	hash := sha256.New()
	for _, f := range stack {
		hash.Write([]byte(withoutTypeArguments(f.Function)))
		hash.Write([]byte{0})
	}
	return hex.EncodeToString(hash.Sum(nil)[:6])
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
