package limit

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/leaklab/leaklab/harness"
	"github.com/leaklab/leaklab/harness/gauge"
	"github.com/leaklab/leaklab/harness/target"
)

// watchInterval is how often a watchdog looks: a target that leaks 100 MiB a second
// is ended within 2 MiB of its limit.
const watchInterval = 20 * time.Millisecond

// watchdog ends a process whose resident memory reaches a limit.
type watchdog struct {
	stop    chan struct{}
	watched sync.WaitGroup
	reached harness.Bytes // 0: it was not
	limit   harness.Bytes
	why     error // why the kernel does not do it
}

// watch starts a watchdog. It is an error where the system does not tell the
// resident memory of another process.
func watch(p *target.Process, limit harness.Bytes, why error) (*watchdog, error) {
	if gauge.ResidentBytes(p.Pid()) == nil {
		return nil, fmt.Errorf("memory limit of %s: neither the kernel nor a watchdog can hold a process to it on %s: %w", limit, runtime.GOOS, why)
	}
	w := &watchdog{stop: make(chan struct{}), limit: limit, why: why}
	w.watched.Go(func() {
		tick := time.NewTicker(watchInterval)
		defer tick.Stop()
		for {
			select {
			case <-w.stop:
				return
			case <-tick.C:
			}
			if resident := gauge.ResidentBytes(p.Pid()); resident != nil && harness.Bytes(*resident) >= limit {
				w.reached = harness.Bytes(*resident)
				p.Kill()
				return
			}
		}
	})
	return w, nil
}

func (w *watchdog) ended() (evidence string, killed bool) {
	close(w.stop)
	w.watched.Wait()
	if w.reached == 0 {
		return "", false
	}
	return fmt.Sprintf("a simulation: a watchdog ended it at %s resident of %s allowed, because the kernel is not asked: %v", w.reached, w.limit, w.why), true
}
