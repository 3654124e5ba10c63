package external

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/leaklab/leaklab/harness/backend"
)

// answerTime is how long a server may take to answer: a live one takes
// milliseconds, and a longer wait would look like a hang.
const answerTime = 3 * time.Second

// unreachable says that a server could not be used, why, and what to do without
// it. The flag is the one that named the server.
func unreachable(url, flag string, err error) error {
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	text := strings.Join(strings.Fields(backend.RedactError(err, url).Error()), " ") // pgx writes a line for each address
	text = strings.TrimSuffix(text, ".")
	if timedOut(err) {
		text = fmt.Sprintf("no answer within %v (%s)", answerTime, text)
	}
	return fmt.Errorf("connect to %s: %s; leave --%s out to use the embedded backend", backend.Redact(url), text, flag)
}

// malformed says that a URL could not be read. A driver quotes what it stumbled
// over, which may be half a password, so it is heard only where there is none.
func malformed(url, want string, err error) error {
	if shown := backend.Redact(url); shown != url {
		return fmt.Errorf("%q cannot be read: want %s, with special characters of the password percent-encoded", shown, want)
	}
	return fmt.Errorf("%q cannot be read: want %s: %w", url, want, err)
}

func timedOut(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}
