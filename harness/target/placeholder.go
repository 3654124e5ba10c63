package target

import (
	"fmt"
	"strconv"
	"strings"
)

// Places are what the placeholders in a command of the user's stand for. Zero: it
// has none.
type Places struct {
	AppPort, PprofPort    uint16
	RedisURL, DatabaseURL string
	// Env is asked for the value of {{env NAME}}.
	Env func(name string) (string, bool)
}

// Expand fills in the placeholders of a text:
//
//	{{app_port}}      where the service is to listen
//	{{pprof_port}}    a second port, for net/http/pprof
//	{{redis_url}}     the variant's Redis
//	{{database_url}}  the variant's database
//	{{env NAME}}      a variable of the environment; what it holds is not looked into
func (p Places) Expand(text string) (string, error) {
	var filled strings.Builder
	for rest := text; ; {
		before, after, found := strings.Cut(rest, "{{")
		filled.WriteString(before)
		if !found {
			return filled.String(), nil
		}
		inside, next, closed := strings.Cut(after, "}}")
		if !closed {
			return "", fmt.Errorf("%.80q: {{ without }}", text)
		}
		value, err := p.value(strings.Fields(inside))
		if err != nil {
			return "", err
		}
		filled.WriteString(value)
		rest = next
	}
}

// value is what the words of one placeholder stand for.
func (p Places) value(words []string) (string, error) {
	name := strings.Join(words, " ")
	if len(words) == 2 && words[0] == "env" {
		if value, ok := p.Env(words[1]); ok {
			return value, nil
		}
		return "", fmt.Errorf("{{%.40s}}: the environment has no such variable", name)
	}
	const later = "is not known before the service says where it listens"
	values := map[string]struct{ value, missing string }{
		"app_port":     {port(p.AppPort), later},
		"pprof_port":   {port(p.PprofPort), later},
		"redis_url":    {p.RedisURL, "has no backend, want backends.redis"},
		"database_url": {p.DatabaseURL, "has no backend, want backends.sql"},
	}
	place, known := values[name]
	if !known {
		return "", fmt.Errorf("{{%.40s}} is no placeholder: want one of {{app_port}}, {{pprof_port}}, {{redis_url}}, {{database_url}}, {{env NAME}}", name)
	}
	if place.value == "" {
		return "", fmt.Errorf("{{%s}} %s", name, place.missing)
	}
	return place.value, nil
}

// port is a port's text, empty for none.
func port(n uint16) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(int(n))
}
