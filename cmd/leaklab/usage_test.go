package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/leaklab/leaklab/harness"
)

func TestMistakesOfTheCommandLine(t *testing.T) {
	t.Parallel()
	const rates = "want above 0/s and at most 100000/s, or max"
	for line, want := range map[string]string{
		"run --rate 0":                    "load.rate = 0/s, " + rates,
		"run --rate -5":                   "load.rate = -5/s, " + rates,
		"run --rate 1e300":                "load.rate = 1e+300/s, " + rates,
		"run --rate NaN":                  `"NaN" is not a rate`,
		"run --rate Inf":                  `"Inf" is not a rate`,
		"run --rate fast":                 `"fast" is not a rate: want requests per time, such as 100/s`,
		"run --connections 0":             "load.connections = 0, want 1 to 10000",
		"run --segment 1e9":               "load.segment",
		"run --max-time 0s":               "load.max_time = 0s, want 1s to 24h",
		"run --backend docker":            `backends.redis = "docker", want embedded, external or containers`,
		"run --backend external":          "backends.redis = external, want --redis-url with it",
		"run --memory-ceiling 1B":         "memory_ceiling = 1B, want 0 for the default, or at least 32MiB",
		"run --set rate":                  `--set "rate": want KEY=VALUE, such as load.rate=200/s`,
		"run --set load.rat=3":            `unknown key "rat" in load: did you mean rate?`,
		"run --on-inconclusive x":         `--on-inconclusive "x": want pass or fail`,
		"run fraud-chek":                  "did you mean fraud-check?",
		"run ./nowhere.yaml":              "nowhere.yaml",
		"run --rats 3":                    "unknown flag: --rats",
		"run a b":                         "hint: leaklab run --help",
		"report":                          "hint: leaklab report --help",
		"report . --format xml":           `--format "xml": want bench, html,`,
		"run --report xml=a.xml":          `format "xml": want bench, html,`,
		"run --report junit":              "want FORMAT=FILE, such as junit=leaklab.xml",
		"run --report json=out/run.json":  "run.json is the run's own name",
		"list --rats":                     "hint: leaklab list --help",
		"rnu":                             `unknown command "rnu": did you mean run?`,
		"zzz":                             "hint: leaklab --help",
		"run ci-gate b":                   `unexpected argument "b": want leaklab run [SCENARIO|FILE]`,
		"list fraud-check":                `unexpected argument "fraud-check": want leaklab list`,
		"compare":                         "an argument is missing: want leaklab compare BASE HEAD | compare RUN",
		"run ./gone.yaml":                 "hint: leaklab init writes a leaklab.yaml",
		"attach --url 127.0.0.1:8080":     `--url "127.0.0.1:8080": want scheme, host and port, such as http://127.0.0.1:8080`,
		"attach --url u:hunter2@[::1":     `--url "xxxxx": want scheme`,
		"run --redis-url 127.0.0.1:6379":  "want one such as redis://127.0.0.1:6379/0",
		"run --set backends.sql=external": "want --database-url with it",
	} {
		t.Run(line, func(t *testing.T) {
			s := newShell(t)
			r := s.run(line)
			r.want(harness.ExitUsage, "leaklab: error: ", want)
			if r.stdout != "" {
				t.Errorf("standard output: %q, want nothing", r.stdout)
			}
			if strings.Contains(r.stderr, "hunter2") {
				t.Errorf("a password is shown: %q", r.stderr)
			}
			if _, err := os.Stat(s.path("reports")); err == nil {
				t.Error("an output directory was made")
			}
		})
	}
}

func TestMistakesOfAScenarioFile(t *testing.T) {
	s := newShell(t)
	r := s.run("run ./mistakes.yaml")
	r.want(harness.ExitUsage,
		`mistakes.yaml:2:1: unknown key "laod" in the scenario: did you mean load?`,
		"mistakes.yaml:3:21: load.connections is",
		"mistakes.yaml:3:",
		`unknown key "expct"`)
	if n := strings.Count(r.stderr, "leaklab: error: "); n < 4 {
		t.Errorf("%d mistakes are told, want all four at once:\n%s", n, r.stderr)
	}
}

func TestJunkIsNoScenario(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{"binary": "\x00\xff\x13\x37", "keys": "a: b\n", "list": "- ", "brackets": "[[[[", "text": "x"} {
		t.Run(name, func(t *testing.T) {
			s := newShell(t)
			for file, size := range map[string]int{"huge.yaml": 10 << 20, "small.yaml": 1 << 10} {
				if err := os.WriteFile(s.path(file), bytes.Repeat([]byte(line), size/len(line)), 0o600); err != nil {
					t.Fatal(err)
				}
				r := s.run("run ./" + file)
				r.want(harness.ExitUsage, "leaklab: error: ./"+file)
				if len(r.stderr) > 8<<10 {
					t.Errorf("%s: %d bytes of mistakes, want a few", file, len(r.stderr))
				}
			}
		})
	}
}

func TestReportOfNoRun(t *testing.T) {
	s := newShell(t)
	s.run("report nowhere").want(harness.ExitUsage, "nowhere", "hint: leaklab report RUN")
	s.run("report tmp").want(harness.ExitUsage, "run.json", "hint: leaklab report RUN")
	s.run("report mistakes.yaml").want(harness.ExitUsage, "mistakes.yaml")
	for _, junk := range []string{"", "{}", "null", `{"schema":"leaklab/run/v9"}`, "\x00\x01"} {
		if err := os.WriteFile(s.path("tmp/run.json"), []byte(junk), 0o600); err != nil {
			t.Fatal(err)
		}
		s.run("report tmp").want(harness.ExitUsage, "leaklab: error: record: ")
	}
}

func TestHelpTeaches(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"":               {"Exit codes", "leaklab run fraud-check", "Available Commands"},
		"--help":         {"Exit codes", "leaklab run fraud-check", "Available Commands"},
		"run --help":     {"Examples:", "leaklab run ./checkout.yaml", "--set KEY=VALUE", "reports/out/SCENARIO/TIME"},
		"list --help":    {"Examples:", "handler:"},
		"report --help":  {"Examples:", "--format markdown", "exits 0"},
		"version --help": {"Print the version, and of Go"},
		"help run":       {"Examples:"},
	} {
		t.Run(line, func(t *testing.T) {
			r := newShell(t).run(line)
			r.want(harness.ExitPass, want...)
			if r.stderr != "" || strings.Contains(r.stdout, "Serve a built-in handler") {
				t.Errorf("help:\n%s\nstandard error:\n%s", r.stdout, r.stderr)
			}
		})
	}
}

func TestListVersionAndCompletion(t *testing.T) {
	s := newShell(t)
	s.run("list").want(harness.ExitPass, "\nfraud-check ", "\nfraud-check-misses ", "leaky/fraudcheck", "fixed/fraudcheck/bloom")
	s.run("version").want(harness.ExitPass, "leaklab ")
	if told, asked := s.run("version"), s.run("--version"); asked.code != int(harness.ExitPass) || asked.stdout != told.stdout {
		t.Errorf("--version: exit %d, %q, want what version prints: %q", asked.code, asked.stdout, told.stdout)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		s.run("completion "+shell).want(harness.ExitPass, "__complete")
	}
	s.run("__complete run fraud").want(harness.ExitPass, "fraud-check\n", "fraud-check-misses\n")
	s.run("__complete run --backend em").want(harness.ExitPass, "embedded\n")
	s.run("__complete run --on-inconclusive p").want(harness.ExitPass, "pass\n")
	s.run("__complete report --format m").want(harness.ExitPass, "markdown\n")
}
