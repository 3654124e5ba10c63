package reports

import (
	"path"
	"slices"
	"strings"

	"github.com/leaklab/leaklab/harness"
)

// repeatCommand runs again what was run, into a directory of its own. Secrets in
// it are redacted in the record already. Empty where the record does not know it.
func repeatCommand(r harness.Record) string {
	// Where a run puts its results and what it prints is no part of it, and the
	// directory holds a run by now.
	output := func(word string) bool {
		name, _, _ := strings.Cut(word, "=")
		return slices.Contains([]string{"--out", "--force", "--json", "--quiet", "--report"}, name)
	}
	return commandLine(slices.DeleteFunc(slices.Clone(r.Command), output))
}

// pprofCommand shows, without leaklab, the growth between the first and the last
// profile; empty where there are not two.
func pprofCommand(checkpoints []harness.Checkpoint, dir string) string {
	var profiles []string
	for _, c := range checkpoints {
		if c.Profile != "" {
			profiles = append(profiles, path.Join(strings.ReplaceAll(dir, `\`, "/"), c.Profile))
		}
	}
	if len(profiles) < 2 {
		return ""
	}
	return "go tool pprof -diff_base " + shellWord(profiles[0]) + " " + shellWord(profiles[len(profiles)-1])
}

// mappings says where memory outside Go's runtime is seen, and mapsCommand shows the
// calls that ask for it, with their stacks, while the service is loaded.
const (
	mappings    = "no heap profile shows it: /proc/PID/smaps has the mappings that grow, strace who asks for them"
	mapsCommand = "strace -f -k -e trace=mmap,mremap,brk -p PID"
)

// commandLine is words as a shell reads them.
func commandLine(words []string) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = quoted(w)
	}
	return strings.Join(all, " ")
}

// shellWord is a file's name for a shell, which no command takes for a flag.
func shellWord(file string) string {
	if strings.HasPrefix(file, "-") {
		file = "./" + file
	}
	return quoted(file)
}

// quoted is a word for a shell, in quotes where it needs them.
func quoted(word string) string {
	word = safe(word)
	special := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("/._-+=:@%,", r)
	}
	if word == "" || strings.ContainsFunc(word, special) {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}
