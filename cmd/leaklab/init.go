package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"text/template"
	"time"

	"github.com/spf13/cobra"
)

// scenarioFile is the file that leaklab run looks for.
const scenarioFile = "leaklab.yaml"

// initTime bounds the look at a module: go list may have to load its dependencies.
const initTime = 2 * time.Minute

func newInit(s streams) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write leaklab.yaml and a CI workflow for a module",
		Long: `Init looks at the Go module in DIR, or here, and writes

  leaklab.yaml                    which program to build, how to start and load it
  .github/workflows/leaklab.yml   leaklab run for each pull request

What it had to guess is marked LOOK in leaklab.yaml: how the service is told where
to listen, and which requests to send, by the routes that its sources register. It changes no file that is there already,
unless --force is given, and runs nothing but go list.`,
		Example: `  leaklab init
  leaklab init ./services/checkout`,
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return initModule(cmd.Context(), s.out, dir, force)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace files that are there already")
	return cmd
}

// initModule writes the files of a module and says what to do next.
func initModule(ctx context.Context, w io.Writer, dir string, force bool) error {
	ctx, cancel := context.WithTimeout(ctx, initTime)
	defer cancel()
	facts, err := lookAt(ctx, dir)
	if err != nil {
		return usage(err, "leaklab init DIR, with the directory of a module's go.mod")
	}
	files, err := facts.files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if _, err := os.Stat(f.path); err == nil && !force {
			return usage(fmt.Errorf("%s is there already", f.path), "leaklab init --force replaces it")
		}
	}
	for _, f := range files {
		if err := f.write(force); err != nil {
			return notRun(err, "")
		}
		fmt.Fprintln(w, "wrote", f.path)
	}
	fmt.Fprint(w, facts.next(files[0].path))
	return nil
}

// initFile is a file to write.
type initFile struct {
	path    string
	content []byte
}

//go:embed templates
var templates embed.FS

// initTemplates are written with << >>, because scenarios have {{ }} of their own.
var initTemplates = template.Must(template.New("").Delims("<<", ">>").
	Funcs(template.FuncMap{"yaml": quoted}).ParseFS(templates, "templates/*.tmpl"))

// plain is a text that YAML reads as it stands, such as ./cmd/server or --addr.
var plain = regexp.MustCompile(`^(\.|\./[\w./-]+|--[\w-]+)$`)

// quoted is a text as YAML reads it back: JSON is YAML.
func quoted(text string) (string, error) {
	if plain.MatchString(text) {
		return text, nil
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(text)
	return string(bytes.TrimSpace(b.Bytes())), err
}

// files are what to write for a module.
func (f facts) files() ([]initFile, error) {
	var files []initFile
	for _, file := range []struct{ template, path string }{
		{"leaklab.yaml.tmpl", filepath.Join(f.dir, scenarioFile)},
		{"workflow.yml.tmpl", filepath.Join(f.top, ".github", "workflows", "leaklab.yml")},
	} {
		var b bytes.Buffer
		if err := initTemplates.ExecuteTemplate(&b, file.template, f); err != nil {
			return nil, err
		}
		files = append(files, initFile{file.path, b.Bytes()})
	}
	return files, nil
}

// write writes the file, and its directory where there is none.
func (f initFile) write(force bool) error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return err
	}
	if force {
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(f.content)
	return errors.Join(err, file.Close())
}

// next says what is left to do.
func (f facts) next(scenario string) string {
	text := fmt.Sprintf("\nnext:\n  look at the lines marked LOOK in %s\n", scenario)
	if !f.Pprof && !f.Probe && !f.Auto {
		text += fmt.Sprintf("  let %s import _ \"net/http/pprof\", and serve it\n", path.Join(f.Subdir, f.Package))
	}
	run := "leaklab run"
	if scenario != scenarioFile {
		run += " " + scenario
	}
	return text + fmt.Sprintf("  %s\n  %s --base main    # main beside this work tree\n", run, run)
}
