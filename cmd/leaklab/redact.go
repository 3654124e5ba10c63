package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/backend"
	"github.com/leaklab/leaklab/harness/load"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// hidden stands in a record where a secret was.
const hidden = "xxxxx"

// commandLine is the command that repeats a run. Passwords in URLs are redacted,
// and so is what a flag overrides of an environment, of requests or of commands.
func commandLine(cmd *cobra.Command, args []string) []string {
	line := append([]string{"leaklab", cmd.Name()}, args...)
	cmd.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			switch f.Name {
			case "set":
				v = redactArgument(redactCommand(redactOverride(v)))
			case "request":
				v = redactRequest(v)
			default:
				v = redactArgument(v)
			}
			line = append(line, "--"+f.Name+"="+v)
		}
	})
	return line
}

// redactOverride hides the value of KEY=VALUE where the key is of what a record
// never holds, or may hold it.
func redactOverride(set string) string {
	key, _, _ := strings.Cut(set, "=")
	words := strings.Split(strings.TrimSpace(key), ".")
	secret := words[0] == "requests" ||
		words[0] == "variants" && (len(words) <= 2 || len(words) > 2 && slices.Contains([]string{"env", "before", "after"}, words[2]))
	if secret {
		return key + "=" + hidden
	}
	return set
}

// redactCommand hides the value of KEY=VALUE where that is a command, or has one in
// it, that holds a secret.
func redactCommand(set string) string {
	key, value, _ := strings.Cut(set, "=")
	path := strings.Split(strings.TrimSpace(key), ".")
	if path[0] != "variants" || len(path) < 3 {
		return set
	}
	var words []string
	switch {
	case path[2] == "command", path[2] == "build" && len(path) > 3 && path[3] == "args":
		if err := yaml.Unmarshal([]byte(value), &words); err == nil && slices.Equal(words, redactWords(words)) {
			return set
		}
	case path[2] != "build" || len(path) > 3:
		return set
	}
	return key + "=" + hidden
}

// redactArgument redacts what may be a URL, a DSN or an assignment.
func redactArgument(v string) string {
	if flag, value, assigned := strings.Cut(v, "="); assigned && strings.HasPrefix(v, "-") && !isSecret(flag+"=") {
		return flag + "=" + redactArgument(value)
	}
	if strings.Contains(v, "://") || strings.Contains(v, "password") || isSecret(v) {
		return backend.Redact(v)
	}
	return v
}

// isSecret tells whether an argument, such as --api-token=…, names a secret.
func isSecret(argument string) bool { return secretAt(argument) >= 0 }

// secretAt is where the = is behind the first name of a secret, -1 without one.
func secretAt(text string) int {
	for i := range len(text) {
		if text[i] != '=' {
			continue
		}
		name := text[:i]
		name = name[strings.LastIndexAny(name, "=?&;,#/'\" \t\r\n")+1:]
		if backend.Redact(name+"=?") != name+"=?" {
			return i
		}
	}
	return -1
}

// redactAddress is a URL or a path of a request without its secrets: of the path,
// what a parameter there names as one, and of the query all values. Placeholders
// stay: without them each request would be the same.
func redactAddress(address string) string {
	path, query, found := strings.Cut(address, "?")
	if at := secretAt(path); at >= 0 {
		path = redactArgument(path[:at]) + "=" + hide(path[at+1:])
	} else {
		path = redactArgument(path)
	}
	if !found {
		return path
	}
	return path + "?" + load.MaskQuery(query, hide)
}

// redactRequest is a request as the user wrote it, a method and a URL.
func redactRequest(line string) string {
	if method, address, ok := strings.Cut(line, " "); ok {
		return method + " " + redactAddress(address)
	}
	return redactAddress(line)
}

// recorded is a scenario as a record may hold it: what its values name is there,
// environments, headers and bodies are not. It is as valid as it was.
func recorded(s harness.Scenario) harness.Scenario {
	s.Variants = slices.Clone(s.Variants)
	for i, v := range s.Variants {
		v.Command, v.Build.Args = redactWords(v.Command), redactWords(v.Build.Args)
		v.Before, v.After = redactSteps(v.Before), redactSteps(v.After)
		v.Env = hideValues(v.Env)
		s.Variants[i] = v
	}
	s.Requests = slices.Clone(s.Requests)
	for i, r := range s.Requests {
		r.URL, r.Header = redactAddress(r.URL), hideValues(r.Header)
		r.Body = hide(r.Body)
		s.Requests[i] = r
	}
	return s
}

// hideValues keeps the names.
func hideValues(values map[string]string) map[string]string {
	values = maps.Clone(values)
	for name, value := range values {
		values[name] = hide(value)
	}
	return values
}

var placeholder = regexp.MustCompile(`\{\{[^{}]*\}\}`)

// hide keeps the placeholders of a text, which are no secrets and without which it
// would be another one.
func hide(text string) string {
	var kept strings.Builder
	last := 0
	for _, at := range append(placeholder.FindAllStringIndex(text, -1), []int{len(text), len(text)}) {
		if at[0] > last {
			kept.WriteString(hidden)
		}
		kept.WriteString(text[at[0]:at[1]])
		last = at[1]
	}
	return kept.String()
}

func redactSteps(steps [][]string) [][]string {
	steps = slices.Clone(steps)
	for i, step := range steps {
		steps[i] = redactWords(step)
	}
	return steps
}

// redactWords redacts the arguments of a command: URLs, --token=VALUE and --token
// VALUE. A placeholder stays: it is no secret.
func redactWords(words []string) []string {
	words = slices.Clone(words)
	for i, word := range words {
		switch {
		case hide(word) == word: // nothing else in it
		case i > 0 && strings.HasPrefix(words[i-1], "-") && !strings.Contains(words[i-1], "=") && isSecret(words[i-1]+"="):
			words[i] = hidden
		default:
			words[i] = redactArgument(word)
		}
	}
	return words
}
