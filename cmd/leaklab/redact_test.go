package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/leaklab/leaklab/harness"
)

func TestRecordedHoldsNoSecret(t *testing.T) {
	given := harness.Scenario{
		Variants: []harness.Variant{{
			Name:    "a",
			Command: []string{"./server", "--port", "{{app_port}}", "--db=postgres://u:hunter2@127.0.0.1/x", "--api-token=hunter2", "--password", "hunter2", "--token", "{{env T}}", ":8080", "/items?page=2&token=hunter2", "{{env A}};key=hunter2;{{env B}}", "-X=a=1,b=2"},
			Env:     map[string]string{"ADDR": "127.0.0.1:{{app_port}}", "KEY": "hunter2", "T": "{{env T}}", "EMPTY": ""},
			Before:  [][]string{{"login", "--secret", "hunter2"}},
			After:   [][]string{{"logout", "redis://:hunter2@h"}},
			Build:   harness.Build{Args: []string{"-key=hunter2"}},
		}},
		Requests: []harness.RequestTemplate{
			{URL: "/x?token=hunter2", Header: map[string]string{"Cookie": "hunter2"}, Body: `{"id": {{seq}}, "p": "hunter2"}`},
			{URL: "/items?page=2&token=hunter2&id={{seq}}&t=hunter{{seq}}"},
			{URL: "/a;x=1;token=hunter2"},
			{URL: "/a;key={{seq}}/b?q={{rand 9}}"},
			{URL: "/a;x={{seq}};key=hunter2-{{uuid}};y=hunter2"},
		},
	}
	want := harness.Scenario{
		Variants: []harness.Variant{{
			Name:    "a",
			Command: []string{"./server", "--port", "{{app_port}}", "--db=postgres://xxxxx@127.0.0.1/x", "--api-token=xxxxx", "--password", "xxxxx", "--token", "{{env T}}", ":8080", "/items?page=2&token=xxxxx", "{{env A}};key=xxxxx", "-X=a=1,b=2"},
			Env:     map[string]string{"ADDR": "xxxxx{{app_port}}", "KEY": "xxxxx", "T": "{{env T}}", "EMPTY": ""},
			Before:  [][]string{{"login", "--secret", "xxxxx"}},
			After:   [][]string{{"logout", "redis://xxxxx@h"}},
			Build:   harness.Build{Args: []string{"-key=xxxxx"}},
		}},
		Requests: []harness.RequestTemplate{
			{URL: "/x?token=xxxxx", Header: map[string]string{"Cookie": "xxxxx"}, Body: "xxxxx{{seq}}xxxxx"},
			{URL: "/items?page=xxxxx&token=xxxxx&id={{seq}}&t=xxxxx{{seq}}"},
			{URL: "/a;x=1;token=xxxxx"},
			{URL: "/a;key={{seq}}xxxxx?q={{rand 9}}"},
			{URL: "/a;x={{seq}};key=xxxxx{{uuid}}xxxxx"},
		},
	}
	if diff := cmp.Diff(want, recorded(given)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if given.Variants[0].Env["KEY"] != "hunter2" || given.Variants[0].Command[5] != "--password" || given.Variants[0].Before[0][2] != "hunter2" ||
		given.Requests[0].Header["Cookie"] != "hunter2" {
		t.Error("the scenario itself was changed")
	}
}

func TestRedactOverride(t *testing.T) {
	for set, want := range map[string]string{
		"load.rate=200/s":                 "load.rate=200/s",
		"variants.a.expect=leak":          "variants.a.expect=leak",
		"variants.a.env.X=hunter2":        "variants.a.env.X=xxxxx",
		"variants.a.before=[[a,b]]":       "variants.a.before=xxxxx",
		"variants.a.after=[[a,b]]":        "variants.a.after=xxxxx",
		"variants=[{name: a}]":            "variants=xxxxx",
		" requests = [{url: /hunter2}]":   " requests =xxxxx",
		"requests_file=requests.txt":      "requests_file=requests.txt",
		"variants.a.command=[./a, --on]":  "variants.a.command=[./a, --on]",
		"variants.a={env: {PIN: hunter}}": "variants.a=xxxxx",
	} {
		if got := redactOverride(set); got != want {
			t.Errorf("redactOverride(%q) = %q, want %q", set, got, want)
		}
	}
}

// Commands may be swept; one that holds a secret is not recorded.
func TestRecordedOverridesHoldNoSecret(t *testing.T) {
	for set, want := range map[string]string{
		"load.rate=200/s": "load.rate=200/s",
		"variants.a={command: [./s], env: {P: hun2}}": "variants.a=xxxxx",
		"variants.a.command=[./s, --token, hunter2]":  "variants.a.command=xxxxx",
		"variants.a.command=[./s, --token=hunter2]":   "variants.a.command=xxxxx",
		"variants.a.command=[./s, --on]":              "variants.a.command=[./s, --on]",
		"variants.a.command=./s --token hunter2":      "variants.a.command=xxxxx",
		"variants.a.build.args=[-key, hunter2]":       "variants.a.build.args=xxxxx",
		"variants.a.build={args: [-key, hunter2]}":    "variants.a.build=xxxxx",
		"variants.a.build.revision=main":              "variants.a.build.revision=main",
		"variants.a.pprof=http://u:hunter2@h":         "xxxxx@h", // nothing tells where a secret begins
	} {
		cmd := newRun(streams{})
		if err := cmd.ParseFlags([]string{"--set", set}); err != nil {
			t.Fatal(err)
		}
		if got := commandLine(cmd, nil)[2]; got != "--set="+want {
			t.Errorf("%q is recorded as %q, want --set=%s", set, got, want)
		}
	}
}

func TestRedactArgument(t *testing.T) {
	for argument, want := range map[string]string{
		"http://u:hunter2@h/?page=2":          "http://xxxxx@h/?page=2",
		"-dsn=http://u:hunter2@h/?page=2":     "-dsn=http://xxxxx@h/?page=2",
		"host=h password = hunter2 sslmode=x": "host=h password =xxxxx",
		"-to=a@b":                             "-to=a@b",
	} {
		if got := redactArgument(argument); got != want {
			t.Errorf("redactArgument(%q) = %q, want %q", argument, got, want)
		}
	}
}

// The name of a parameter begins behind any of the marks: what stands before is none of
// it, here an address whose user would be hidden.
func TestNamesOfSecretsEnd(t *testing.T) {
	for _, mark := range "=?&;,#/'\" \t\r\n" {
		before := "a" + string(mark)
		if mark != '=' {
			before = "a@b" + string(mark)
		}
		if at := secretAt(before + "page=2"); at >= 0 {
			t.Errorf("%q: a secret at %d, want none", before+"page=2", at)
		}
		if at, want := secretAt(before+"token=2"), len(before+"token"); at != want {
			t.Errorf("%q: a secret at %d, want %d", before+"token=2", at, want)
		}
	}
}
