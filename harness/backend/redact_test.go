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
		{"postgres://u:hunter2@h/db?sslmode=disable&p%61ssword=hunter2&x=y", "postgres://xxxxx@h/db?sslmode=disable&p%61ssword=xxxxx"},
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
	for _, tt := range []struct{ url, text, want string }{
		{
			`postgres://u:hun%22ter2@h/db?sslpassword=tr%20e&sslmode=require`,
			`dial postgres://u:hun%22ter2@h/db?sslpassword=tr%20e&sslmode=require as hun"ter2 ("hun\"ter2") with "tr e"`,
			`dial postgres://xxxxx@h/db?sslpassword=xxxxx as xxxxx ("xxxxx") with "xxxxx"`,
		},
		{ // a quoted URL
			`redis://u:hun"ter2@h/0`, `parse "redis://u:hun\"ter2@h/0": no`, `parse "redis://xxxxx@h/0": no`,
		},
		{ // what package url cannot read
			`u:hun%22ter2@h`, `as hun"ter2`, `as xxxxx`,
		},
		{ // a short password: the words that would give it away
			`postgres://guest:g@h/postgres`,
			`postgres://guest:g@h/postgres: database postgres of user=guest: denied`,
			`postgres://xxxxx@h/postgres: database xxxxx of user=xxxxx: denied`,
		},
		{`redis://h`, `dial redis://h: refused`, `dial redis://h: refused`},
		{``, `refused`, `refused`},
	} {
		err := RedactError(fmt.Errorf("%s: %w", tt.text, context.Canceled), tt.url)
		if want := tt.want + ": context canceled"; err.Error() != want {
			t.Errorf("RedactError of %q = %s\nwant %s", tt.url, err, want)
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("RedactError of %q lost its cause", tt.url)
		}
		if errors.Unwrap(err) != nil {
			t.Errorf("RedactError of %q unwraps to an error that shows the secret", tt.url)
		}
	}
	if RedactError(nil, "redis://h") != nil {
		t.Error("RedactError(nil) is an error")
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
