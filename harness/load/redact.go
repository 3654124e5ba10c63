package load

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

const (
	// mask stands where a secret was.
	mask = "xxxxx"
	// minSecretBytes is the least length of a value that is taken for a secret
	// wherever it occurs: shorter ones are part of ordinary words.
	minSecretBytes = 4
)

// shown is the method and path of a request for a reader, without the values of
// its query and of the environment.
func shown(r harness.Request) string {
	path, query, found := strings.Cut(r.Path, "?")
	if found {
		path += "?" + MaskQuery(query, func(string) string { return mask })
	}
	return r.Method + " " + hide(path, r.Secrets)
}

// MaskQuery is a query with what cover makes of each of its values. The names stay.
func MaskQuery(query string, cover func(value string) string) string {
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		if name, value, found := strings.Cut(pair, "="); found && value != "" {
			pairs[i] = name + "=" + cover(value)
		}
	}
	return strings.Join(pairs, "&")
}

// withoutSecrets is what a target answered, without what a request told it: the
// values of headers, query and environment, and the body.
func withoutSecrets(answer string, r harness.Request) string {
	secrets := append([]string{string(r.Body)}, r.Secrets...)
	for _, values := range r.Header {
		secrets = append(secrets, values...)
	}
	_, query, _ := strings.Cut(r.Path, "?")
	for pair := range strings.SplitSeq(query, "&") {
		_, value, _ := strings.Cut(pair, "=")
		decoded, _ := url.QueryUnescape(value) // else the raw value is all there is
		secrets = append(secrets, value, decoded)
	}
	return hide(answer, secrets)
}

// hide masks secrets in a text, the longest first: one may begin with another.
func hide(text string, secrets []string) string {
	longestFirst := func(a, b string) int { return cmp.Compare(len(b), len(a)) }
	for _, secret := range slices.SortedStableFunc(slices.Values(secrets), longestFirst) {
		if len(secret) >= minSecretBytes {
			text = strings.ReplaceAll(text, secret, mask)
			text = strings.ReplaceAll(text, url.PathEscape(secret), mask)
		}
	}
	return text
}
