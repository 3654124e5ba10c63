package backend

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// RedactError is err with the text of url's secrets hidden, in the spellings
// that drivers use: as given, decoded, quoted. It stays [errors.Is] what err is,
// but does not unwrap to it: whoever prints the inner error would print the
// secret.
//
// It cannot help where a driver cuts a malformed URL in the middle of a password
// and quotes a part: do not show a parse error of a URL that [Redact] changes.
func RedactError(err error, url string) error {
	if err == nil {
		return nil
	}
	var secrets []string
	for _, secret := range dissect(url).secrets(url) {
		secrets = append(secrets, spellings(secret)...)
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // a whole before its parts
	return &redactedError{err: err, text: hide(err.Error(), url, secrets)}
}

type redactedError struct {
	err  error
	text string
}

func (e *redactedError) Error() string        { return e.text }
func (e *redactedError) Is(target error) bool { return errors.Is(e.err, target) }

// hide redacts the URL where the text has it whole, and the secrets elsewhere.
func hide(text, url string, secrets []string) string {
	if before, after, ok := strings.Cut(text, url); ok && url != "" {
		return hide(before, url, secrets) + Redact(url) + hide(after, url, secrets)
	}
	for _, secret := range secrets {
		text = hideWords(text, secret)
	}
	return text
}

// hideWords masks the words that hold a secret: a mask in the middle of a word
// that can be guessed would give a short secret away.
func hideWords(text, secret string) string {
	if secret == "" {
		return text
	}
	letterOrDigit := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	var hidden strings.Builder
	for {
		before, after, ok := strings.Cut(text, secret)
		if !ok {
			return hidden.String() + text
		}
		hidden.WriteString(strings.TrimRightFunc(before, letterOrDigit) + mask)
		text = strings.TrimLeftFunc(after, letterOrDigit)
	}
}

// secrets is the texts that an error about s must not hold: by the offsets, and
// as a parser of URLs reads them.
func (p parts) secrets(s string) []string {
	var found []string
	if p.opaque {
		found = append(found, s[p.user:])
	}
	if p.host > 0 {
		info := s[p.user:p.host]
		_, password, _ := strings.Cut(info, ":")
		found = append(found, info, password)
	}
	if p.value >= 0 {
		value := s[p.value:]
		first, _, _ := strings.Cut(strings.TrimLeft(value, " "), " ") // of a keyword/value string
		found = append(found, value, first, strings.Trim(first, "'"))
	}
	u, err := url.Parse(s)
	if err != nil {
		return found
	}
	if password, ok := u.User.Password(); ok {
		found = append(found, password)
	}
	for name, values := range u.Query() {
		if isSecret(name) {
			found = append(found, values...)
		}
	}
	return found
}

// spellings is how drivers print a secret.
func spellings(secret string) []string {
	all := []string{secret, quoted(secret)}
	for _, decode := range []func(string) (string, error){url.PathUnescape, url.QueryUnescape} {
		if decoded, err := decode(secret); err == nil {
			all = append(all, decoded, quoted(decoded), url.QueryEscape(decoded), url.PathEscape(decoded), url.UserPassword("", decoded).String()[1:])
		}
	}
	return all
}

// quoted is the text as %q prints it, without the quotes.
func quoted(s string) string {
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}
