package reports

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/leaklab/leaklab/harness"
)

// maxHTMLBytes is the largest report: what a reader opens from an artifact of a
// build without a thought. The charts' libraries take 140 KB of it.
const maxHTMLBytes = 2 << 20

// HTML writes the report as one file that needs no network: at most 2 MiB, what
// does not fit cut with a word. Its error is the writer's.
func HTML(w io.Writer, r harness.Record, o Options) error {
	s := loadShell()
	for l := generous; ; l = l.halved() {
		var page cappedBuffer
		err := s.template.Execute(&page, newHTMLPage(r, o, l, s))
		if errors.Is(err, errTooLong) && l != l.halved() {
			continue
		}
		if err != nil {
			return err
		}
		_, err = w.Write(page.written)
		return err
	}
}

// cappedBuffer keeps what is written to it, and fails once that is too long.
type cappedBuffer struct{ written []byte }

var errTooLong = fmt.Errorf("the report does not fit into %d bytes", maxHTMLBytes)

func (b *cappedBuffer) Write(p []byte) (int, error) {
	if len(b.written)+len(p) > maxHTMLBytes {
		return 0, errTooLong
	}
	b.written = append(b.written, p...)
	return len(p), nil
}

// limits bounds the parts of a report that a record may have any number of; each
// is over all variants.
type limits struct {
	variants int
	texts    int // reasons, warnings: of one list
	points   int // of the charts
	readings int // rows of the tables of checkpoints
	sites    int // rows of the tables of sites
	frames   int // of a stack
	nodes    int // of the flame graphs
}

// generous is what fits with room to spare as long as texts are not absurd: 6 000
// points are some 500 KB, 300 sites with their stacks as much. A screen has not
// more to show: each of six charts side by side is 400 pixels wide.
var generous = limits{variants: maxVariants, texts: 30, points: 6000, readings: 400, sites: 300, frames: 64, nodes: 4000}

// halved is half of everything, at least one of each.
func (l limits) halved() limits {
	for _, n := range []*int{&l.variants, &l.texts, &l.points, &l.readings, &l.sites, &l.frames, &l.nodes} {
		*n = max(1, *n/2)
	}
	return l
}

// shell is what is the same in every report.
type shell struct {
	template *template.Template
	style    template.CSS
	scripts  []template.JS
	policy   string
	licences string
}

//go:embed htmlassets/*.html htmlassets/*.css htmlassets/*.js htmlassets/licences.txt
var htmlAssets embed.FS

// styleFiles and scriptFiles are put into the page in this order.
var (
	styleFiles  = []string{"uplot.min.css", "style.css"}
	scriptFiles = []string{
		"uplot.min.js", "d3-flame-graph.min.js",
		"format.js", "theme.js", "plot.js", "heap.js", "timeline.js", "flame.js", "page.js",
	}
)

// loadShell reads the embedded files once. They are ours and tested, so that a
// mistake in them is a bug of the build.
var loadShell = sync.OnceValue(func() shell { return newShell("page.html", scriptFiles) })

// newShell reads a template and the scripts that it runs.
func newShell(page string, scripts []string) shell {
	s := shell{
		template: template.Must(template.New(page).Funcs(htmlFuncs).ParseFS(htmlAssets, "htmlassets/"+page)),
		licences: asset("licences.txt"),
	}
	var styles []string
	for _, name := range styleFiles {
		styles = append(styles, asset(name))
	}
	s.style = template.CSS(strings.Join(styles, "\n"))
	var hashes []string
	for _, name := range scripts {
		s.scripts = append(s.scripts, template.JS(asset(name)))
		hashes = append(hashes, hash(asset(name)))
	}
	// Nothing may be fetched, and only the scripts and the style that are in the
	// page are run: not what a text of the record might smuggle in.
	s.policy = "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src " + hash(string(s.style)) +
		"; script-src " + strings.Join(hashes, " ")
	return s
}

// htmlFuncs keep together what belongs together when a line is broken: a figure
// and its unit, and the names in a path.
var htmlFuncs = template.FuncMap{
	"tight": func(text string) string { return figureAndUnit.ReplaceAllString(text, "$1\u00a0$2") },
	"steps": func(path string) []string { return strings.SplitAfter(path, "/") },
}

var figureAndUnit = regexp.MustCompile(`(\d) (%|(?:B|KiB|MiB|GiB|TiB|s|ms|min|h|days|requests|objects?|goroutines?)\b)`)

func asset(name string) string {
	content, err := htmlAssets.ReadFile("htmlassets/" + name)
	if err != nil {
		panic(err) // embedded: a bug of the build
	}
	// A browser counts a line's end as one character, whatever a checkout made of it.
	return strings.ReplaceAll(string(content), "\r\n", "\n")
}

// hash is the source expression by which a Content-Security-Policy knows an
// inline text.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
