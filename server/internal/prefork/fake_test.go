package prefork

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"
)

// life is how a fake worker behaves. Nil is one that cannot be launched.
type life func(p *fake)

// fake is a fake process.
type fake struct {
	slot, number int
	word         chan error
	orders       chan string
	dead         chan string // how it ended
	got          []string    // the orders, in their order; may be read when it is dead
}

func (p *fake) pid() int     { return p.number }
func (p *fake) ready() error { return <-p.word }
func (p *fake) retire()      { p.orders <- "retire" }
func (p *fake) drain()       { p.orders <- "drain" }
func (p *fake) quit()        { p.orders <- "quit" }
func (p *fake) kill()        { p.orders <- "kill" }
func (p *fake) wait() string { return <-p.dead }

// next waits for an order.
func (p *fake) next() string {
	order := <-p.orders
	p.got = append(p.got, order)
	return order
}

// until ends the process at one of some orders, or at kill.
func (p *fake) until(last ...string) {
	for {
		if order := p.next(); order == "kill" || slices.Contains(last, order) {
			p.end("after " + order)
			return
		}
	}
}

func (p *fake) end(how string) {
	select {
	case p.word <- errors.New("ended before it was ready"):
	default:
	}
	p.dead <- how
}

// The lives.
func obedient(p *fake) { p.word <- nil; p.until("retire", "drain") }
func stubborn(p *fake) { p.word <- nil; p.until("quit") }
func deaf(p *fake)     { p.word <- nil; p.until() }
func mute(p *fake)     { p.until("drain") }
func unable(p *fake)   { p.word <- errors.New("no storage"); p.dead <- "exit status 1" }
func crashing(p *fake) { p.word <- nil; p.dead <- "signal: segmentation fault" }
func livingFor(d time.Duration) life {
	return func(p *fake) {
		p.word <- nil
		select {
		case order := <-p.orders:
			p.dead <- order
		case <-time.After(d):
			p.dead <- "signal: killed"
		}
	}
}

// fakes launches fake processes.
type fakes struct {
	lives    func(slot, n int) life // of the n-th process, from 0, of a slot
	launched []*fake
	times    []time.Time
	perSlot  map[int]int
	mu       sync.Mutex
	fails    error
}

// refuse has launches fail with an error; nil ends that.
func (f *fakes) refuse(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fails = err
}

func (f *fakes) launch(slot int) (process, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	life := f.lives(slot, f.perSlot[slot])
	if f.fails != nil || life == nil {
		return nil, cmp.Or(f.fails, errors.New("no memory"))
	}
	p := &fake{slot: slot, number: 1000 + len(f.launched),
		word: make(chan error, 1), orders: make(chan string, 10), dead: make(chan string, 1)}
	f.perSlot[slot]++
	f.launched = append(f.launched, p)
	f.times = append(f.times, time.Now())
	go life(p)
	return p, nil
}

func all(l life) *fakes {
	return &fakes{lives: func(int, int) life { return l }, perSlot: map[int]int{}}
}

// except is one life for the first process of slot 0, and another for the rest.
func except(first, rest life) *fakes {
	return &fakes{perSlot: map[int]int{}, lives: func(slot, n int) life {
		if slot == 0 && n == 0 {
			return first
		}
		return rest
	}}
}
