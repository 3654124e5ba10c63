package target

import (
	"os"
	"strings"
)

const (
	maxTailBytes = 4 << 10
	// maxLogBytes bounds the file of a target's standard error, so that one that
	// logs each request does not fill the disk.
	maxLogBytes = 64 << 20
)

// errorLog is the writer of a target's standard error: a file, if there is one,
// and the tail.
type errorLog struct {
	file    *os.File // nil: none
	written int64
	last    []byte // at most twice the tail, cut when it is full
}

// openLog opens the file anew, or none where path is empty.
func openLog(path string) (*errorLog, error) {
	if path == "" {
		return &errorLog{}, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &errorLog{file: file}, nil
}

// Write never fails, not on a full disk either: the target's writing would fail
// with it, and the target is what is measured.
func (l *errorLog) Write(p []byte) (int, error) {
	if room := maxLogBytes - l.written; l.file != nil && room > 0 {
		n, _ := l.file.Write(p[:min(int64(len(p)), room)])
		l.written += int64(n)
	}
	l.last = append(l.last, p[max(0, len(p)-maxTailBytes):]...)
	if len(l.last) > 2*maxTailBytes {
		l.last = append(l.last[:0], l.last[len(l.last)-maxTailBytes:]...)
	}
	return len(p), nil
}

// tail is the end of what was written, without half a character at its start.
func (l *errorLog) tail() string {
	return strings.TrimSpace(strings.ToValidUTF8(string(l.last[max(0, len(l.last)-maxTailBytes):]), ""))
}

func (l *errorLog) close() {
	if l.file != nil {
		_ = l.file.Close()
	}
}
