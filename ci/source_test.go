package ci

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestPackagesSayWhatTheyAre wants one package comment in each package, in the
// form that go doc shows.
func TestPackagesSayWhatTheyAre(t *testing.T) {
	for _, p := range ourPackages(t) {
		var comments []string
		var subject string
		for _, name := range p.goFiles(t) {
			file := parse(t, name)
			if file.Doc != nil {
				comments = append(comments, file.Doc.Text())
			}
			if subject = "Package " + file.Name.Name; file.Name.Name == "main" {
				command := filepath.Base(p.Dir)
				subject = strings.ToUpper(command[:1]) + command[1:]
			}
		}
		if len(comments) != 1 {
			t.Errorf("%s has %d package comments, want 1", p.ImportPath, len(comments))
		} else if !strings.HasPrefix(comments[0], subject+" ") {
			t.Errorf("%s: the package comment begins %.40q, want %q", p.ImportPath, comments[0], subject)
		}
	}
}

// TestEngineKnowsNoScenario looks for names of scenarios and cases in the
// strings of the harness: what it does for one scenario it must do for all.
func TestEngineKnowsNoScenario(t *testing.T) {
	names := append(baseNames(t, "scenarios/*.yaml"), baseNames(t, "leaky/*")...)
	if len(names) < 2 {
		t.Fatalf("found the names %q, want at least those of a scenario and a case", names)
	}
	for _, p := range ourPackages(t) {
		if !within(p.ImportPath, module+"/harness") {
			continue
		}
		for _, name := range p.goFiles(t) {
			for _, text := range literals(parse(t, name)) {
				for _, known := range names {
					if strings.Contains(text, known) {
						t.Errorf("%s: %q names %s, which the engine must not know", name, text, known)
					}
				}
			}
		}
	}
}

// TestPureCodeReadsNoClock keeps time an argument where the result must be the
// same tomorrow.
func TestPureCodeReadsNoClock(t *testing.T) {
	pure := []string{"./harness", "./harness/trend", "./harness/judge", "./harness/blame", "./harness/compare", "./harness/sweep", "./reports/..."}
	for _, p := range ourPackages(t) {
		if !matchesAny(pure, p.ImportPath, false) {
			continue
		}
		for _, name := range p.goFiles(t) {
			ast.Inspect(parse(t, name), func(n ast.Node) bool {
				call, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if pkg, ok := call.X.(*ast.Ident); ok && pkg.Name == "time" {
					switch call.Sel.Name {
					case "Now", "Since", "Until", "Sleep", "After", "NewTimer", "NewTicker", "Tick", "AfterFunc":
						t.Errorf("%s uses time.%s: time is an argument here", name, call.Sel.Name)
					}
				}
				return true
			})
		}
	}
}

// literals are the values of a file's strings, without its import paths.
func literals(file *ast.File) []string {
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				if text, err := strconv.Unquote(n.Value); err == nil {
					found = append(found, text)
				}
			}
		}
		return true
	})
	return found
}

// baseNames are the names, without extension, of what a pattern below root matches.
func baseNames(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	return names
}

func parse(t *testing.T, name string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
