package probe

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"sync"
)

// Build is what the target was built from and how its collector is set. A text
// is empty where the binary does not tell.
type Build struct {
	GoVersion     string `json:"go_version"`
	MainPath      string `json:"main_path"` // import path of the main package
	ModulePath    string `json:"module_path"`
	ModuleVersion string `json:"module_version"`
	Revision      string `json:"revision"` // of the version control system
	Modified      bool   `json:"modified"` // built from a tree that was changed since
	// ID identifies the binary: the first 16 hexadecimal digits of the SHA-256 of
	// its file. Go builds are reproducible: the same source, flags and toolchain
	// give the same, and a tree that was changed gives another.
	ID string `json:"id"`
	// GOGC and GOMEMLIMIT are the settings in force, however they were set:
	// a percentage and a number of bytes, or "off".
	GOGC       string `json:"gogc"`
	GOMEMLIMIT string `json:"gomemlimit"`
	// MemProfileRate is the mean number of allocated bytes between two samples
	// of the heap profile, 0 if there are none.
	MemProfileRate int `json:"mem_profile_rate_bytes"`
}

func build(context.Context) (answer, error) {
	b := Build{GoVersion: runtime.Version(), MemProfileRate: runtime.MemProfileRate, ID: binaryID()}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.MainPath = info.Path
		b.ModulePath, b.ModuleVersion = info.Main.Path, info.Main.Version
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Revision = s.Value
			case "vcs.modified":
				b.Modified = s.Value == "true"
			}
		}
	}
	b.GOGC = setting("/gc/gogc:percent")
	b.GOMEMLIMIT = setting("/gc/gomemlimit:bytes")
	return jsonAnswer(&b)
}

// binaryID is the [Build.ID] of this process, empty where its file cannot be read.
// Reading it takes 8 ms for each 10 MB, once.
var binaryID = sync.OnceValue(func() string {
	binary, err := openBinary()
	if err != nil {
		return ""
	}
	defer binary.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, binary); err != nil {
		return ""
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
})

// openBinary opens the file that this process runs: on Linux that very one, even
// if another build has taken its name since.
func openBinary() (*os.File, error) {
	if binary, err := os.Open("/proc/self/exe"); err == nil {
		return binary, nil
	}
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

// setting is a setting of the collector. The runtime stores "off" as the
// largest signed number or above, for either of the two.
func setting(name string) string {
	s := []metrics.Sample{{Name: name}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return ""
	}
	v := s[0].Value.Uint64()
	if v >= math.MaxInt64 {
		return "off"
	}
	return strconv.FormatUint(v, 10)
}
