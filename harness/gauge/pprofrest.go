package gauge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// A service is at rest when its number of goroutines was the same this many
// times, this far apart. One that does not come to rest within the limit is read
// as it is: it is busy on its own account.
const (
	restReadings = 5
	restInterval = time.Millisecond
	restLimit    = 2 * time.Second
)

// drain waits until the service is at rest and tells whether it came to be so.
func (p *Pprof) drain(ctx context.Context) (bool, error) {
	deadline := time.Now().Add(cmp.Or(p.Rest, restLimit))
	for last, same := int64(-1), 0; ; {
		count, err := p.goroutines(ctx)
		if err != nil {
			return false, err
		}
		if count != last {
			same = 0
		}
		last = count
		if same++; same == restReadings {
			return true, nil
		}
		if time.Now().After(deadline) {
			return false, nil
		}
		time.Sleep(restInterval)
	}
}

var (
	// indexRow is the goroutines' row in the index of profiles, the same from Go
	// 1.11 on; groupsTotal is the first line of their text.
	indexRow    = regexp.MustCompile(`<td>(\d{1,18})</td>\s*<td>\s*<a href=["']?goroutine\?debug=1`)
	groupsTotal = regexp.MustCompile(`^goroutine profile: total (\d{1,18})\n`)
)

// goroutines is the number of the service's goroutines, its server's own
// included. The index of the profiles says it for the price of a page; where a
// router does not serve the index, the text of all goroutines does, which takes
// the service 100 ms and 100 MB for 100 000 of them.
func (p *Pprof) goroutines(ctx context.Context) (int64, error) {
	if !p.noIndex {
		count, err := p.count(ctx, "", indexRow)
		if err == nil || ctx.Err() != nil {
			return count, err
		}
		if status, ok := errors.AsType[*statusError](err); !errors.Is(err, errNoCount) && !(ok && status.code < http.StatusInternalServerError) {
			return 0, err
		}
		p.noIndex = true
	}
	return p.count(ctx, "goroutine?debug=1", groupsTotal)
}

// errNoCount says that a page is not one that tells the number of goroutines.
var errNoCount = errors.New("answer does not say how many goroutines there are")

// count is the number that a page holds at a pattern.
func (p *Pprof) count(ctx context.Context, endpoint string, at *regexp.Regexp) (int64, error) {
	page, err := p.get(ctx, endpoint, maxProfile)
	if err != nil {
		return 0, err
	}
	match := at.FindSubmatch(page)
	if match == nil {
		return 0, p.failure(endpoint, fmt.Errorf("%w: %s", errNoCount, excerpt(page)))
	}
	return strconv.ParseInt(string(match[1]), 10, 64)
}
