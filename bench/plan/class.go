package plan

import (
	"flag"
	"slices"
	"sync"
)

// Class is what a flag decides. It follows from where the flag is registered.
type Class int

// The classes. The zero Class is that of a flag that has no say in a run.
const (
	// Measured flags say what is measured, and how. Two runs in which one differs are not
	// the same, nor easily compared.
	Measured Class = iota + 1
	// Paced flags say how often cells are visited, and in which order. Two runs in which
	// one differs can be compared, but one cannot go on with the other.
	Paced
	// Placed flags say where things go, how they are called, and what a run does besides
	// measuring.
	Placed
	// Once flags are of one run, and not of another like it.
	Once
	// Selecting flags are the testing package's that choose the cells and how often each
	// is visited. A plan has that itself.
	Selecting
	// Testing flags are the testing package's that have another say in a run.
	Testing
)

// OfTesting reports whether the flags of the class are the testing package's, which go
// test takes before the package. Their names are without their "test." here.
func (c Class) OfTesting() bool { return c == Selecting || c == Testing }

// ClassOf returns the class of a flag.
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
		Measured: func(flags *flag.FlagSet) { o.registerMeasured(flags, nil) },
		Paced:    o.registerPaced, Placed: o.registerPlaced, Once: o.registerOnce,
	} {
		flags := flag.NewFlagSet("", flag.ContinueOnError)
		register(flags)
		flags.VisitAll(func(f *flag.Flag) { all[f.Name] = class })
	}
	return all
})
