package backend

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestRedact(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"redis://127.0.0.1:6379/3", "redis://127.0.0.1:6379/3"},
		{"redis://[::1]:6379/3?protocol=3", "redis://[::1]:6379/3?protocol=3"},
		{"redis://:hunter2@h:6379/3", "redis://xxxxx@h:6379/3"},
		{"redis://hunter2@h", "redis://xxxxx@h"},
		{"REDISS://u:hunter2@h/1?db=2", "REDISS://xxxxx@h/1?db=2"},
		{"unix:///run/redis.sock?db=1&password=hunter2", "unix:///run/redis.sock?db=1&password=xxxxx"},
		{"postgres://u:hunter2@h1:5432,h2:5433/db?sslmode=disable", "postgres://xxxxx@h1:5432,h2:5433/db?sslmode=disable"},
		{"postgres://u:hunt@er2/@h/db", "postgres://xxxxx@h/db"},
		{"postgres://u:hunter2@h/db?sslmode=disable&pass%77ord=hunter2&x=y", "postgres://xxxxx@h/db?sslmode=disable&pass%77ord=xxxxx"},
		{"postgres://h/db?sslkey=hunter2@&Token=hunter2", "postgres://xxxxx"},
		{"postgres://h/db?user=u&passwort=x", "postgres://h/db?user=u&passwort=xxxxx"},
		{"host=h user=u password=hunter2 dbname=d", "host=h user=u password=xxxxx"},
		{"host=h PASSWORD = 'hunter 2'", "host=h PASSWORD =xxxxx"},
		{"redis://u:hunter2", "redis://xxxxx"},
		{"redis://u:hunter2?password=hunter2", "redis://xxxxx"},
		{"u:hunter2@h:6379", "xxxxx@h:6379"},
		{"\x00redis://u:hunter2@h", "xxxxx@h"},
		{"/tmp/leaklab.db", "/tmp/leaklab.db"},
		{"file:///tmp/leaklab.db?_pragma=busy_timeout(5000)", "file:///tmp/leaklab.db?_pragma=busy_timeout(5000)"},
		{"", ""},
	} {
		if got := Redact(tt.url); got != tt.want {
			t.Errorf("Redact(%q) = %q, want %q", tt.url, got, tt.want)
		}
		if again := Redact(Redact(tt.url)); again != Redact(tt.url) {
			t.Errorf("Redact(Redact(%q)) = %q, want no change", tt.url, again)
		}
	}
}

func TestRedactError(t *testing.T) {
	const address = `postgres://u:hun%22ter2@h/db?sslpassword=tr%20e&sslmode=require`
	err := RedactError(fmt.Errorf(`dial %s as hun"ter2 (%q) with "tr e": %w`, address, `hun"ter2`, context.Canceled), address)
	want := `dial postgres://xxxxx@h/db?sslpassword=xxxxx as xxxxx ("xxxxx") with "xxxxx": context canceled`
	if err.Error() != want {
		t.Errorf("RedactError = %s\nwant          %s", err, want)
	}
	if !errors.Is(err, context.Canceled) {
		t.Error("the redacted error is no longer the cause that it had")
	}
	if errors.Unwrap(err) != nil {
		t.Error("the redacted error unwraps to one that shows the secret")
	}
	if RedactError(nil, address) != nil {
		t.Error("RedactError(nil) is an error")
	}
}

// TestRedactErrorOfAShortPassword hides the words that would give it away, and
// leaves the redacted URL as it is.
func TestRedactErrorOfAShortPassword(t *testing.T) {
	const address = "postgres://guest:g@h/postgres"
	err := RedactError(fmt.Errorf("%s: database postgres of user=guest: denied", address), address)
	if want := "postgres://xxxxx@h/postgres: database xxxxx of user=xxxxx: denied"; err.Error() != want {
		t.Errorf("RedactError = %s\nwant          %s", err, want)
	}
}

// FuzzRedact plants a password that no other text can hold, raw and escaped, in
// every place that a driver looks for one.
func FuzzRedact(f *testing.F) {
	const planted = "hUnTeR2planted"
	places := []func(user, secret string) string{
		func(user, secret string) string { return "redis://" + user + ":" + secret + "@h:6379/0" },
		func(user, secret string) string { return "redis://" + user + secret + "@h:6379/0" },
		func(user, secret string) string { return user + ":" + secret + "@tcp(h:3306)/db" },
		func(user, secret string) string { return "postgres://h/db?user=" + user + "&password=" + secret },
		func(user, secret string) string { return "postgres://u@h/db?sslpassword=" + secret + "&user=" + user },
		func(user, secret string) string {
			return "postgres://" + user + ":" + secret + "@h1:1,h2:2/db?token=" + secret
		},
		func(user, secret string) string { return "host=h user=" + user + " password='" + secret + "' dbname=d" },
	}
	for _, seed := range []string{"", "@", "/", "?", "#", ":", "&", " ", "%", "%zz", "'", `"`, "://", "password=", "\x00", "é", "[", "\n"} {
		f.Add("u", seed, "")
		f.Add("u"+seed, "", seed)
		f.Add("", seed, "p@ss=/w:o?r#d")
	}
	f.Fuzz(func(t *testing.T, user, before, after string) {
		raw := before + planted + after
		for i, place := range places {
			for _, secret := range []string{raw, url.QueryEscape(raw), url.PathEscape(raw)} {
				address := place(user, secret)
				if got := Redact(address); strings.Contains(got, planted) {
					t.Errorf("place %d: Redact(%q) = %q", i, address, got)
				}
				text := fmt.Errorf("%s, %q", address, address)
				if parsed, err := url.Parse(address); err == nil {
					password, _ := parsed.User.Password()
					text = fmt.Errorf("%w, %s, %q, %q", text, password, password, parsed.Query()["password"])
				}
				if got := RedactError(text, address).Error(); strings.Contains(got, planted) {
					t.Errorf("place %d: RedactError(%q, %q) = %q", i, text, address, got)
				}
			}
		}
	})
}
