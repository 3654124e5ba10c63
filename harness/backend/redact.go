package backend

import (
	"net/url"
	"slices"
	"strings"
)

// mask stands where a secret was.
const mask = "xxxxx"

// secretWords are what the name of a parameter holds whose value is a secret:
// password, sslpassword, pwd, access_token, sslkey, …
var secretWords = []string{"pass", "pwd", "secret", "token", "key", "auth", "cred"}

// Redact is a URL, or a keyword/value connection string, without its secrets:
// for logs, errors and reports. User-info is hidden whole, because a lone user
// name is a token as often as a name; so is everything from the first parameter
// with a secret's name on, and what has no shape that tells where a secret ends
// is hidden altogether. It would rather hide a host than show a password that
// was not escaped.
func Redact(url string) string {
	p := dissect(url)
	switch {
	case p.opaque:
		return url[:p.user] + mask
	case p.host > 0 && p.value >= 0:
		return url[:p.user] + mask + url[p.host:p.value] + mask
	case p.host > 0:
		return url[:p.user] + mask + url[p.host:]
	case p.value >= 0:
		return url[:p.value] + mask
	}
	return url
}

// parts is where the secrets of a URL lie, as offsets into it.
type parts struct {
	user   int  // start of what follows the scheme
	host   int  // the @ that ends the user-info, 0 without one
	value  int  // start of the first secret parameter's value, -1 without one
	opaque bool // whether the parts cannot be told from each other
}

// dissect finds the secrets without trusting the URL to be well-formed: a raw
// password may hold any delimiter, so user-info ends at the last @ and a secret
// parameter with the string.
func dissect(s string) parts {
	p := parts{value: secretValue(s), host: max(strings.LastIndexByte(s, '@'), 0)}
	if scheme, _, ok := strings.Cut(s, "://"); ok && isScheme(scheme) {
		p.user = len(scheme) + len("://")
	}
	shown := s
	if p.value >= 0 {
		shown = s[:p.value]
	}
	_, err := url.Parse(shown)
	malformed := p.host == 0 && err != nil // user:password without @host reads as a bad port
	p.opaque = malformed || p.value >= 0 && p.host >= p.value
	return p
}

// secretValue is the start of the value of the first parameter with a secret's
// name, or -1. Names are compared decoded, as drivers do.
func secretValue(s string) int {
	for i := range len(s) {
		if s[i] != '=' {
			continue
		}
		name := strings.TrimRight(s[:i], " \t\r\n")
		name = name[strings.LastIndexAny(name, "&?;#/'\" \t\r\n")+1:]
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		if isSecret(name) {
			return i + 1
		}
	}
	return -1
}

func isSecret(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(name, word) })
}

func isScheme(s string) bool {
	for i, c := range []byte(strings.ToLower(s)) {
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", rune(c))) {
			return false
		}
	}
	return s != ""
}
