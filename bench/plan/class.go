package plan

import (
	"flag"
	"slices"
	"sync"
)

// Class says what a flag decides. It follows from where the flag is registered.
type Class int

// The classes. The zero Class is that of a flag without influence on a run.
const (
	// Measured flags decide what is measured, and how. Runs that differ in one are
	// different runs and hard to compare.
	Measured Class = iota + 1
	// Paced flags decide how often cells are visited, and in which order. Runs that differ
	// in one can be compared, but one cannot resume the other.
	Paced
	// Placed flags decide where things go, what they are called, and what a run does
	// besides measuring.
	Placed
	// Once flags apply to a single invocation, and not to a repetition of the run.
	Once
	// Selecting flags are those of the testing package that choose cells and the number of
	// visits. A recorded plan includes their effect.
	Selecting
	// Testing flags are those of the testing package with any other influence on a run.
	Testing
)

// OfTesting reports whether flags of the class belong to the testing package, so that go
// test takes them before the package. Their names here lack the "test." prefix.
func (c Class) OfTesting() bool { return c == Selecting || c == Testing }

// ClassOf returns the class of a flag, zero if it has none.
func ClassOf(name string) Class { return classes()[name] }

// Flags returns the names of the flags of a class, sorted.
func Flags(class Class) []string {
	var names []string
	for name, c := range classes() {
		if c == class {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

var classes = sync.OnceValue(func() map[string]Class {
	all := map[string]Class{"bench": Selecting, "skip": Selecting, "count": Selecting, "benchtime": Testing, "cpu": Testing}
	var o Options
	for class, register := range map[Class]func(*flag.FlagSet){
		Measured: o.registerMeasured, Paced: o.registerPaced,
		Placed: o.registerPlaced, Once: o.registerOnce,
	} {
		flags := flag.NewFlagSet("", flag.ContinueOnError)
		register(flags)
		flags.VisitAll(func(f *flag.Flag) { all[f.Name] = class })
	}
	return all
})
