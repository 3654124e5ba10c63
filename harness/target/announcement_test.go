package target

import (
	"net/netip"
	"strings"
	"testing"
)

const announced = "LISTEN app=127.0.0.1:8080 probe=[::1]:9090"

func TestAnnouncement(t *testing.T) {
	for _, tt := range []struct {
		name    string
		writes  []string
		settled bool
		err     string
	}{
		{"one write", []string{announced + "\n"}, true, ""},
		{"torn", []string{"LIS", "TEN app=127.0.0.1:8080 pro", "be=[::1]:9090", "\n"}, true, ""},
		{"after a greeting", []string{"hello\n\nLISTENING\n" + announced + "\r\nmore"}, true, ""},
		{"the first counts", []string{announced + "\nLISTEN app=x probe=y\n"}, true, ""},
		{"not yet complete", []string{announced}, false, ""},
		{"in the middle of a line", []string{"now " + announced + "\n"}, false, ""},
		{"nothing", nil, false, ""},
		{"long lines", []string{strings.Repeat("x", maxPreambleBytes+1)}, true, "over 64 KiB"},
		{"empty lines", []string{strings.Repeat("\n", maxPreambleBytes+1)}, true, "over 64 KiB"},
		{"one address", []string{"LISTEN app=127.0.0.1:8080\n"}, true, "want LISTEN app=<address>"},
		{"wrong order", []string{"LISTEN probe=127.0.0.1:1 app=127.0.0.1:2\n"}, true, "want app="},
		{"every interface", []string{"LISTEN app=0.0.0.0:1 probe=127.0.0.1:2\n"}, true, "want app=, a loopback"},
		{"a name", []string{"LISTEN app=127.0.0.1:1 probe=localhost:2\n"}, true, "want probe=, a loopback"},
		{"no port", []string{"LISTEN app=127.0.0.1:0 probe=127.0.0.1:2\n"}, true, "want app=, a loopback"},
	} {
		a := newAnnouncement()
		for _, text := range tt.writes {
			if n, err := a.Write([]byte(text)); n != len(text) || err != nil {
				t.Errorf("%s: Write = %d, %v, want %d and no error", tt.name, n, err, len(text))
			}
		}
		if a.isSettled() != tt.settled {
			t.Errorf("%s: settled %t, want %t", tt.name, a.isSettled(), tt.settled)
			continue
		}
		if got := errorText(a.err); (tt.err == "") != (got == "") || !strings.Contains(got, tt.err) {
			t.Errorf("%s: error %q, want %q", tt.name, got, tt.err)
		}
		if tt.settled && tt.err == "" && a.addresses.String() != announced {
			t.Errorf("%s: found %q, want %q", tt.name, a.addresses, announced)
		}
	}
}

func FuzzParseAddresses(f *testing.F) {
	for _, line := range []string{
		announced, "LISTEN", "LISTEN app= probe=", "LISTEN app=127.0.0.1:1 probe=[::1%lo]:2", "LISTEN app=[::ffff:127.0.0.1]:1 probe=127.0.0.1:2", "hello", "",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		a, ok, err := parseAddresses(line)
		if !ok || err != nil {
			if a != (addresses{}) {
				t.Errorf("%q: addresses %s beside ok %t, error %v", line, a, ok, err)
			}
			return
		}
		for _, addr := range []netip.AddrPort{a.app, a.probe} {
			if !addr.Addr().IsLoopback() || addr.Port() == 0 {
				t.Errorf("%q: accepted %s", line, addr)
			}
		}
		if again, ok, err := parseAddresses(a.String()); again != a || !ok || err != nil {
			t.Errorf("%q: %s is read back as %s, %t, %v", line, a, again, ok, err)
		}
	})
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
