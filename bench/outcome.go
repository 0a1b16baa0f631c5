package bench

// Outcome is how a cell ended, in a word.
type Outcome string

// The outcomes.
const (
	OK      Outcome = "ok"      // every op succeeded
	Partial Outcome = "partial" // some did
	Failed  Outcome = "failed"  // none did
	Skipped Outcome = "skipped" // it was not begun
)

// Outcome returns how the cell ended. What failed in the warm-up makes it no
// better than partial.
func (r Result) Outcome() Outcome {
	switch ok, failed := r.Ops(); {
	case ok+failed == 0:
		return Skipped
	case ok == 0:
		return Failed
	case failed+r.WarmUpFailed > 0:
		return Partial
	}
	return OK
}
