package session

import (
	"fmt"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/internal/digits"
	"poolbench/bench/plan"
)

// progress is a line on a terminal: how far the run is, and its answer so far. It is drawn
// before a visit and erased after it, so that rows find an empty line.
type progress struct {
	terminal *os.File // nil draws nothing
	answer   string
}

func newProgress(file *os.File) progress {
	if file == nil || !term.IsTerminal(int(file.Fd())) {
		return progress{}
	}
	return progress{terminal: file}
}

func (p *progress) begin(line string) {
	if p.terminal == nil {
		return
	}
	if width, _, err := term.GetSize(int(p.terminal.Fd())); err == nil && width > 0 {
		for utf8.RuneCountInString(line) >= width {
			_, size := utf8.DecodeLastRuneInString(line)
			line = line[:len(line)-size]
		}
	}
	fmt.Fprintf(p.terminal, "\r\x1b[K%s", line)
}

func (p *progress) end() {
	if p.terminal != nil {
		fmt.Fprint(p.terminal, "\r\x1b[K")
	}
}

// line returns the progress before a visit.
func (s *Session) line(v plan.Visit) string {
	parts := []string{fmt.Sprintf("pass %d", v.Pass)}
	spent := plan.Spent(s.run.Results)
	switch o := s.Options; {
	case o.Passes > 0:
		parts[0] += fmt.Sprintf(" of %d, %s", o.Passes, about(spent))
	default:
		parts = append(parts, fmt.Sprintf("%s of %s", about(spent), about(o.Budget)))
	}
	if v.Pass == 1 {
		parts = append(parts, fmt.Sprintf("%d of %d cells", len(s.run.Results), len(s.planned)))
	}
	if s.progress.answer != "" {
		parts = append(parts, s.progress.answer)
	}
	return strings.Join(append(parts, v.Cell.String()), ", ")
}

// left returns the progress before a cell of the testing package's loop.
func (s *Session) left(cell bench.Cell) string {
	return fmt.Sprintf("%s to measure, %s", digits.Count(len(s.Cells()), "cell"), cell)
}

// answerOf returns the answer of a run in a few words.
func answerOf(a *analysis.Analysis) string {
	var parts []string
	for _, e := range a.Effects {
		if e.Whole() && e.Bounded() {
			parts = append(parts, fmt.Sprintf("%ss: %s %s (%s … %s)", e.Op, e.Pool, digits.Change(e.Ratio), digits.ChangeNumber(e.Lo), digits.Change(e.Hi)))
		}
	}
	return strings.Join(parts, ", ")
}

// about formats a time the way people say it.
func about(d time.Duration) string {
	switch {
	case d >= 90*time.Second && d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d >= 90*time.Second:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	case d >= 10*time.Second:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
