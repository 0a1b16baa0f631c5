package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/report"
	"poolbench/bench/report/figure"
)

var (
	//go:embed page.gohtml
	source string
	//go:embed style.css
	style string
	//go:embed table.js
	tableScript string
	//go:embed fold.js
	foldScript string
	//go:embed tip.js
	tipScript string
	//go:embed live.js
	liveScript string

	page = template.Must(template.New("page").Parse(source))
)

// view is the data of the template.
type view struct {
	Status, When string
	Stamp        string // of the run's file, if the page follows the run
	Style        template.CSS
	Scripts      []template.JS
	There        bool            // there is a run to show, as follows
	Runs         []report.Joined // none if it is of a single run
	RunsMean     []string
	Verdict      []string
	Warnings     []string
	Sections     []section
	Effects      plainTable
	EffectLegend string
	NoEffects    string // why there are no effects
	Workers      plainTable
	Reference    plainTable
	Columns      []column
	Rows         []row
	Kinds        []string // of warnings, explained
	Facts        []fact
	Target       []fact // none if the servers were ours
	Flags        []fact
	Commands     []string
}

// Write writes the page of a run, finished or not.
func Write(w io.Writer, a *analysis.Analysis) error {
	text, err := viewOf(a).render("")
	if err != nil {
		return err
	}
	_, err = text.WriteTo(w)
	return err
}

// render returns the page. With a stamp, the page follows the run.
func (v view) render(stamp string) (*bytes.Buffer, error) {
	v.Style, v.Stamp = template.CSS(figure.Style+style), stamp
	scripts := []string{tableScript, foldScript, tipScript}
	if stamp != "" {
		scripts = append(scripts, liveScript)
	}
	for _, script := range scripts {
		v.Scripts = append(v.Scripts, template.JS(script))
	}
	var text bytes.Buffer
	if err := page.Execute(&text, v); err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	return &text, nil
}

func viewOf(a *analysis.Analysis) view {
	figures := figure.All(a)
	ofCell := map[bench.Cell]string{}
	for _, f := range figures {
		for _, c := range f.Cells {
			if f.Group == figure.Latency {
				ofCell[c] = "figure-" + f.Name
			}
		}
	}
	v := view{
		Status: status(a), When: a.Head.Time.UTC().Format("2006-01-02 15:04 UTC"), There: true, Runs: report.JoinedOf(a), RunsMean: runsMean(a),
		Verdict: a.Verdict, Sections: sectionsOf(figures, a), Effects: effects(a), EffectLegend: report.EffectLegend(a), NoEffects: noEffects(a),
		Workers: workersTable(a), Reference: referenceTable(a.Totals),
		Columns: columnsOf(a.Shown()), Rows: table(a, ofCell), Kinds: report.WarningLegend(), Target: facts(a.Head.Target), Flags: facts(a.Head.Flags), Commands: commands(a),
		Facts: append([]fact{{"commit", a.Head.Commit}, {"program, SHA-256", a.Head.Program}}, facts(a.Head.Environment)...),
	}
	for _, warning := range a.Head.Warnings {
		v.Warnings = append(v.Warnings, warning.Text)
	}
	return v
}
