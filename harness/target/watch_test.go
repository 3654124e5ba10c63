package target

import "testing"

func TestTextWatchFindsWhatComesInPieces(t *testing.T) {
	for _, tt := range []struct {
		text   string
		pieces []string
		want   bool
	}{
		{"", nil, true},
		{"ready", []string{"not yet, rea", "", "d", "y now"}, true},
		{"ready", []string{"ready"}, true},
		{"ready", []string{"read", "\nyready"}, true},
		{"aab", []string{"aa", "ab"}, true},
		{"ready", []string{"rea", "dx", "y"}, false},
	} {
		w := newTextWatch(tt.text)
		for _, piece := range tt.pieces {
			if n, err := w.Write([]byte(piece)); n != len(piece) || err != nil {
				t.Errorf("Write(%q) = %d, %v", piece, n, err)
			}
		}
		found := false
		select {
		case <-w.found:
			found = true
		default:
		}
		if found != tt.want {
			t.Errorf("%q in %q: found %t, want %t", tt.text, tt.pieces, found, tt.want)
		}
		if len(w.last) > len(tt.text) {
			t.Errorf("%q in %q: %d bytes are kept", tt.text, tt.pieces, len(w.last))
		}
	}
}

func TestPortsGivesNoneTwice(t *testing.T) {
	var p Ports
	seen := map[uint16]bool{}
	for range 200 {
		port, err := p.Free()
		if err != nil {
			t.Fatal(err)
		}
		if port == 0 || seen[port] {
			t.Fatalf("port %d was given before", port)
		}
		seen[port] = true
	}
}
