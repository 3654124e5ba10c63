package target

import (
	"fmt"
	"strings"
	"testing"
)

func testPlaces() Places {
	return Places{AppPort: 8080, PprofPort: 6060, RedisURL: "redis://r", Env: func(name string) (string, bool) {
		return "value of " + name, name != "MISSING"
	}}
}

func TestExpand(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "",
		"--port":                        "--port",
		":{{app_port}}":                 ":8080",
		"{{ app_port }},{{pprof_port}}": "8080,6060",
		"{{redis_url}}/0":               "redis://r/0",
		"Bearer {{env TOKEN}}":          "Bearer value of TOKEN",
		"}}":                            "}}",
		"{{database_url}}":              "error: {{database_url}} has no backend, want backends.sql",
		"{{env MISSING}}":               "error: {{env MISSING}}: the environment has no such variable",
		"{{seq}}":                       "error: {{seq}} is no placeholder: want one of {{app_port}}, {{pprof_port}}, {{redis_url}}, {{database_url}}, {{env NAME}}",
		"{{env}}":                       "error: {{env}} is no placeholder: want one of {{app_port}}, {{pprof_port}}, {{redis_url}}, {{database_url}}, {{env NAME}}",
		"x{{app_port":                   `error: "x{{app_port": {{ without }}`,
	} {
		got, err := testPlaces().Expand(text)
		if err != nil {
			got = fmt.Sprint("error: ", err)
		}
		if got != want {
			t.Errorf("Expand(%q) = %q, want %q", text, got, want)
		}
	}
	if got, err := (Places{}).Expand("{{app_port}}"); err == nil {
		t.Errorf("a port that is not known is %q", got)
	}
}

func FuzzExpand(f *testing.F) {
	for _, seed := range []string{"--port", ":{{app_port}}", "{{env A}}{{", "{{{{env x}}}}", "}}{{ }}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := testPlaces().Expand(text)
		if err == nil && !strings.Contains(text, "{{") && got != text {
			t.Errorf("Expand(%q) = %q without a placeholder in it", text, got)
		}
	})
}
