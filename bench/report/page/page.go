package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
	"poolbench/bench/report"
	"poolbench/bench/report/contrast"
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

// view is what the template writes.
type view struct {
	Status, When string
	Stamp        string // of the file it is made from, if it follows that
	Style        template.CSS
	Scripts      []template.JS
	Verdict      []string
	Warnings     []string
	Heats        []heat
	Keys         []key
	Contrasted   string // how the heat maps' ratios were measured
	Sections     []section
	Columns      []column
	Rows         []row
	Pairs        []report.PairRow
	Base         string
	Then         []then
	Facts        []fact
	Flags        []fact
	Commands     []string
}

type fact struct{ Name, Value string }

// Write writes the page of a run, which may go on.
func Write(w io.Writer, run journal.Run) error {
	text, err := render(run, "")
	if err != nil {
		return err
	}
	_, err = text.WriteTo(w)
	return err
}

// render makes the page of a run; with the stamp of its file, one that shows by itself
// how it goes on.
func render(run journal.Run, stamp string) (*bytes.Buffer, error) {
	v, err := viewOf(run)
	if err != nil {
		return nil, err
	}
	return v.write(stamp)
}

// waiting is the page before there is a run to show.
func waiting(why error, stamp string) *bytes.Buffer {
	text, err := view{Status: fmt.Sprintf("There is nothing to show yet: %v.", why)}.write(stamp)
	if err != nil {
		return bytes.NewBufferString(err.Error())
	}
	return text
}

func (v view) write(stamp string) (*bytes.Buffer, error) {
	v.Style, v.Stamp = template.CSS(style), stamp
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

func viewOf(run journal.Run) (view, error) {
	all := contrast.Of(run)
	figures := figure.All(run)
	sections, err := sectionsOf(figures, run)
	if err != nil {
		return view{}, err
	}
	ofCell := map[bench.Cell]string{}
	for _, f := range figures {
		for _, c := range f.Cells {
			if f.Group == figure.Latency {
				ofCell[c] = "figure-" + f.Name
			}
		}
	}
	v := view{
		Status: status(run), When: run.Head.Time.UTC().Format("2006-01-02 15:04 UTC"),
		Verdict: verdict(run, all), Heats: heats(all, run.Totals()), Keys: keys(all), Contrasted: contrasted(run, all),
		Sections: sections, Columns: columns, Rows: table(run, ofCell), Pairs: report.PairRows(run), Base: run.Head.Plan.Base,
		Then: thens(run), Flags: facts(run.Head.Flags), Commands: commands(run),
		Facts: append([]fact{{"commit", run.Head.Commit}, {"program, SHA-256", run.Head.Program}}, facts(run.Head.Environment)...),
	}
	for _, warning := range run.Head.Warnings {
		v.Warnings = append(v.Warnings, warning.Text)
	}
	return v, nil
}

// PairID is the anchor of a pair's row.
func (v view) PairID(p report.PairRow) string {
	return anchorOf("pair", p.Cell)
}

// PairRemarks are the reasons of a pair's failures, by side, its warnings and notes.
func (v view) PairRemarks(p report.PairRow) string {
	reasons := append(reasonsOf(p.Base+": ", p.Reasons["base"]), reasonsOf(p.Pool+": ", p.Reasons["pool"])...)
	kinds := kindsOf(p.Warnings)
	slices.Sort(kinds) // those of both sides
	return strings.Join(slices.Concat(reasons, slices.Compact(kinds), p.Notes), "; ")
}

// Factor writes a factor as what it adds.
func (v view) Factor(f *float64) string {
	if f == nil {
		return "–"
	}
	return digits.Change(*f)
}

// FloorOf writes both ends of a pair's noise floor.
func (v view) FloorOf(p report.PairRow) string {
	if p.Floor == nil {
		return "–"
	}
	return digits.Floor(*p.Floor)
}

// Seconds writes a time in seconds.
func (v view) Seconds(s *float64) string {
	if s == nil {
		return "–"
	}
	return digits.Duration(*s * 1e9)
}

// Probability writes a p-value.
func (v view) Probability(p *float64) string {
	if p == nil {
		return "–"
	}
	return digits.P(*p)
}

// status says how far the run is.
func status(run journal.Run) string {
	times := max(1, run.Head.Plan.Count)
	measured := 0
	for _, t := range run.Totals() {
		measured += min(t.Measured, times)
	}
	var parts []string
	if cells := len(run.Head.Plan.Cells); cells > 0 && times > 1 {
		parts = append(parts, fmt.Sprintf("%s of %s of %s", grouped(measured), count(times*cells, "measurement"), count(cells, "cell")))
	} else if cells > 0 {
		parts = append(parts, fmt.Sprintf("%s of %s", grouped(measured), count(cells, "cell")))
	}
	if pairs := len(run.Head.Plan.Pairs); pairs > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s", len(run.Pairs), count(pairs, "pair")))
	}
	text := strings.Join(parts, ", ") + " done"
	switch {
	case parts == nil:
		return "Nothing was planned."
	case !run.Ended:
		return "The run goes on, or was killed: " + text + "."
	case run.Why != "":
		return fmt.Sprintf("The run was broken off: %s; %s.", text, run.Why)
	}
	return fmt.Sprintf("The run is complete: %s.", text)
}

// contrasted says where the ratios of the heat maps come from.
func contrasted(run journal.Run, all []contrast.Contrast) string {
	paired := pairedOf(all)
	switch {
	case len(all) == 0:
		return "No point was measured with two pools."
	case paired == len(all):
		return "Ratios are from rounds in turn (BenchmarkPaired). Neutral: p above 0.05 after Holm, or within the noise floor, which is how far the base is from itself."
	case paired == 0:
		return fmt.Sprintf("Ratios are of cells that were measured %s, as there are no rounds in turn (make bench-paired). Neutral: p above 0.05 after Holm. There is no noise floor.", inWhatOrder(run))
	}
	return fmt.Sprintf("Ratios of %d points are from rounds in turn, with a noise floor; the others are of cells that were measured %s. Neutral: p above 0.05 after Holm, or within the floor.", paired, inWhatOrder(run))
}

func facts(values map[string]string) []fact {
	var all []fact
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all = append(all, fact{name, values[name]})
	}
	return all
}
