package prefork

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// statuses returns the workers that are not gone, in the order of their slots. It is empty
// after the supervisor has ended.
func statuses(s *Supervisor) []Status {
	status := make(chan []Status, 1)
	s.call(func() {
		var all []Status
		for slot, w := range s.workers {
			if w.state != Gone {
				all = append(all, s.status(slot))
			}
		}
		status <- all
	})
	select {
	case all := <-status:
		return all
	case <-s.done:
		return nil
	}
}

func states(s *Supervisor) (states []string) {
	names := [...]string{Gone: "gone", Starting: "starting", Serving: "serving", Resting: "resting", Stopping: "stopping"}
	for _, status := range statuses(s) {
		states = append(states, fmt.Sprintf("%d %s", status.Slot, names[status.State]))
	}
	return states
}

func TestStart(t *testing.T) {
	for _, row := range []struct {
		name     string
		fakes    *fakes
		want     string // the error
		elapsed  time.Duration
		launched int
	}{
		{"all ready", all(obedient), "", 0, 3},
		{"one is unable", except(unable, obedient), "prefork: worker 0: no storage (exit status 1)", 0, 3},
		{"one is unable, the others are deaf", except(unable, deaf), "prefork: worker 0: no storage (exit status 1)", 0, 3},
		{"one crashes", except(func(p *fake) { p.end("exit status 2") }, obedient), "prefork: worker 0: ended before it was ready (exit status 2)", 0, 3},
		{"one is mute", except(mute, obedient), "prefork: worker 0: ended before it was ready (after kill)", 7 * time.Second, 3},
		{"none can be launched", all(nil), "prefork: worker 0: no memory", 0, 0},
		{"the first cannot be launched", except(nil, obedient), "prefork: worker 0: no memory", 0, 0},
		{"the last cannot be launched", &fakes{perSlot: map[int]int{}, lives: func(slot, _ int) life {
			return map[bool]life{true: obedient, false: nil}[slot < 2]
		}}, "prefork: worker 2: no memory", 0, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				s, err := start(t.Context(), Config{Workers: 3, MaxWorkers: 5, StartTimeout: 7 * time.Second}, row.fakes)
				assert.Equal(t, row.elapsed, time.Since(began))
				assert.Len(t, row.fakes.launched, row.launched)
				if row.want != "" {
					assert.EqualError(t, err, row.want)
					return // and synctest holds that no goroutine is left
				}
				require.NoError(t, err)
				assert.Equal(t, []string{"0 serving", "1 serving", "2 serving"}, states(s))
				assert.NoError(t, s.Shutdown(t.Context()))
				assert.Equal(t, ErrStopped, s.Err())
				assert.Empty(t, statuses(s))
			})
		})
	}
}

// Each change of a slot's state is told, with its process as long as there is one.
func TestChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changes []Status
		s, err := start(t.Context(), Config{Workers: 1, MaxWorkers: 1, Changed: func(now Status) { changes = append(changes, now) }},
			except(livingFor(time.Minute), obedient))
		require.NoError(t, err)
		time.Sleep(time.Hour)
		require.NoError(t, s.Shutdown(t.Context()))
		assert.Equal(t, []Status{{0, 1000, Starting}, {0, 1000, Serving}, {0, 0, Resting},
			{0, 1001, Starting}, {0, 1001, Serving}, {0, 1001, Stopping}, {0, 0, Gone}}, changes)
	})
}

// A process that said that it was ready just before it died does not make its successor
// ready.
func TestReadyOfADeadProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := start(t.Context(), Config{Workers: 1, MaxWorkers: 2}, &fakes{perSlot: map[int]int{}, lives: func(slot, _ int) life {
			return []life{obedient, mute}[slot]
		}})
		require.NoError(t, err)
		require.NoError(t, s.Resize(2))
		s.call(func() { s.ready(1, new(fake)) })
		assert.Equal(t, []string{"0 serving", "1 starting"}, states(s))
		require.NoError(t, s.Shutdown(t.Context()))
	})
}

func TestStartEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := start(ctx, Config{Workers: 2, MaxWorkers: 2}, all(mute))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// A worker that dies is replaced, at once if it has served for a while.
func TestRestart(t *testing.T) {
	for _, row := range []struct {
		name   string
		life   life
		pauses []time.Duration // between one launch of a slot and the next
	}{
		{"at once after a long life", livingFor(time.Minute), []time.Duration{time.Minute, time.Minute, time.Minute}},
		{"after growing pauses when it dies soon", crashing, []time.Duration{5 * time.Millisecond, 10 * time.Millisecond,
			20 * time.Millisecond, 20 * time.Millisecond, 20 * time.Millisecond}},
		{"at once after just long enough a life", livingFor(settled), []time.Duration{settled, settled}},
		{"also when it can't start", func(p *fake) { p.end("exit status 1") }, []time.Duration{5 * time.Millisecond, 10 * time.Millisecond}},
		{"also when it can't start after a while", func(p *fake) { time.Sleep(2 * settled); p.end("exit status 1") },
			[]time.Duration{2*settled + 5*time.Millisecond, 2*settled + 10*time.Millisecond}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				launcher := &fakes{perSlot: map[int]int{}, lives: func(slot, n int) life {
					switch {
					case slot > 0 || n > len(row.pauses):
						return obedient
					case n == 0:
						return livingFor(time.Minute)
					}
					return row.life
				}}
				var reaped []int
				s, err := start(t.Context(), Config{Workers: 2, MaxWorkers: 2, Reaped: func(slot int) { reaped = append(reaped, slot) }}, launcher)
				require.NoError(t, err)
				time.Sleep(time.Hour)
				synctest.Wait()
				assert.Equal(t, []string{"0 serving", "1 serving"}, states(s))
				require.NoError(t, s.Shutdown(t.Context()))

				require.Len(t, launcher.launched, 2+1+len(row.pauses))
				last := launcher.times[0].Add(time.Minute) // when the first one died
				for i, at := range launcher.times[2:] {
					if i > 0 {
						assert.Equal(t, row.pauses[i-1], at.Sub(last), "launch %d", i)
						last = at
					} else {
						assert.Zero(t, at.Sub(last))
					}
				}
				assert.Len(t, reaped, len(launcher.launched), "each is reaped once")
			})
		})
	}
}

// Beyond its budget the supervisor stops with the error, and lets the others end.
func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		launcher := &fakes{perSlot: map[int]int{}, lives: func(slot, n int) life {
			switch {
			case slot > 0:
				return stubborn
			case n == 0:
				return livingFor(time.Hour)
			}
			return crashing
		}}
		s, err := start(t.Context(), Config{Workers: 2, MaxWorkers: 2, Restarts: 10, Window: time.Minute, Grace: 3 * time.Second}, launcher)
		require.NoError(t, err)
		began := time.Now()
		<-s.Done()
		assert.EqualError(t, s.Err(), "prefork: worker 0: signal: segmentation fault; it is not replaced, as 10 workers have been within 1m0s")
		assert.Len(t, launcher.launched, 2+10)
		// Pauses of 5, 10 and 7 times 20 ms; then the other's grace.
		assert.Equal(t, time.Hour+155*time.Millisecond+3*time.Second, time.Since(began))
		assert.Equal(t, []string{"drain", "quit"}, launcher.launched[1].got)
	})
}

// The budget is for a window of time, not for good.
func TestBudgetIsOfAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := start(t.Context(), Config{Workers: 1, MaxWorkers: 1, Restarts: 2, Window: time.Minute}, all(livingFor(30*time.Second)))
		require.NoError(t, err)
		time.Sleep(24 * time.Hour)
		assert.Len(t, statuses(s), 1)
		require.NoError(t, s.Shutdown(t.Context()))
	})
}

func TestShutdown(t *testing.T) {
	const patience, killAfter = 10 * time.Second, 2 * time.Second
	for _, row := range []struct {
		name   string
		life   life
		took   time.Duration
		orders []string
		err    error
	}{
		{"obedient", obedient, 0, []string{"drain"}, nil},
		{"busy", func(p *fake) { p.word <- nil; p.next(); time.Sleep(time.Second); p.end("done") }, time.Second, []string{"drain"}, nil},
		{"stubborn", stubborn, patience, []string{"drain", "quit"}, context.DeadlineExceeded},
		{"deaf", deaf, patience + killAfter, []string{"drain", "quit", "kill"}, context.DeadlineExceeded},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				launcher := all(row.life)
				s, err := start(t.Context(), Config{Workers: 3, MaxWorkers: 5, KillAfter: killAfter, Grace: time.Millisecond}, launcher)
				require.NoError(t, err)
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				began := time.Now()
				assert.Equal(t, row.err, s.Shutdown(ctx))
				assert.Equal(t, row.took, time.Since(began))
				for _, p := range launcher.launched {
					assert.Equal(t, row.orders, p.got)
				}
				assert.Len(t, launcher.launched, 3, "none is replaced")
				assert.Equal(t, ErrStopped, s.Err())
				assert.NoError(t, s.Shutdown(ctx), "a second time")
			})
		})
	}
}

// Workers that cannot be launched, perhaps for want of descriptors, cost no budget, and are
// launched as soon as they can be.
func TestWorkersThatCannotBeLaunchedYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		launcher := all(obedient)
		var log strings.Builder
		s, err := start(t.Context(), Config{Workers: 2, MaxWorkers: 50, Restarts: 5, Log: slog.New(slog.NewTextHandler(&log, nil))}, launcher)
		require.NoError(t, err)
		launcher.refuse(errors.New("too many open files"))
		require.NoError(t, s.Resize(50))
		time.Sleep(time.Hour)
		assert.Equal(t, []string{"0 serving", "1 serving", "2 resting"}, states(s)[:3])
		launcher.refuse(nil)
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Len(t, states(s), 50)
		assert.NotContains(t, strings.Join(states(s), ","), "resting")
		assert.NoError(t, s.Shutdown(t.Context()))
		assert.Equal(t, 48, strings.Count(log.String(), "a worker cannot be started, will retry"), "each is logged once")
	})
}

// A worker that was told to end at once is killed if it does not, whatever happens
// meanwhile.
func TestShutdownOfOneThatQuits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		launcher := except(obedient, deaf)
		s, err := start(t.Context(), Config{Workers: 2, MaxWorkers: 2, Grace: time.Second, KillAfter: 3 * time.Second}, launcher)
		require.NoError(t, err)
		began := time.Now()
		require.NoError(t, s.Resize(1))
		time.Sleep(2 * time.Second)
		require.NoError(t, s.Resize(2), "wanted again, but first it has to end")
		require.NoError(t, s.Resize(1))
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.Equal(t, context.DeadlineExceeded, s.Shutdown(impatient))
		assert.Equal(t, 4*time.Second, time.Since(began))
		assert.Equal(t, []string{"retire", "quit", "kill"}, launcher.launched[1].got)
	})
}

// A worker that rests when all are told to end is not launched.
func TestShutdownWhileOneRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		launcher := except(livingFor(time.Hour), obedient)
		launcher.lives = func(slot, n int) life {
			if slot == 0 && n > 0 {
				return crashing
			}
			return map[bool]life{true: livingFor(time.Hour), false: obedient}[slot == 0]
		}
		s, err := start(t.Context(), Config{Workers: 2, MaxWorkers: 2}, launcher)
		require.NoError(t, err)
		time.Sleep(time.Hour + 8*time.Millisecond) // 0, 5 and half of 10 ms
		synctest.Wait()
		assert.Equal(t, []string{"0 resting", "1 serving"}, states(s))
		launched := len(launcher.launched)
		assert.NoError(t, s.Shutdown(t.Context()))
		assert.Len(t, launcher.launched, launched)
	})
}

func TestResize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		launcher := &fakes{perSlot: map[int]int{}, lives: func(slot, n int) life {
			if slot == 2 && n == 0 {
				return stubborn
			}
			return obedient
		}}
		s, err := start(t.Context(), Config{Workers: 2, MaxWorkers: 4, Grace: time.Minute}, launcher)
		require.NoError(t, err)
		for _, wrong := range []int{-1, 0, 5} {
			assert.EqualError(t, s.Resize(wrong), fmt.Sprintf("prefork: %d workers: want 1 to 4", wrong))
		}
		resize := func(n int, want ...string) {
			require.NoError(t, s.Resize(n))
			synctest.Wait()
			assert.Equal(t, want, states(s))
		}
		resize(4, "0 serving", "1 serving", "2 serving", "3 serving")
		resize(1, "0 serving", "2 stopping")
		// It has to end before its slot gets another.
		resize(3, "0 serving", "1 serving", "2 stopping")
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, []string{"0 serving", "1 serving", "2 serving"}, states(s))
		resize(2, "0 serving", "1 serving")
		assert.NoError(t, s.Shutdown(t.Context()))
		assert.NoError(t, s.Resize(4), "to no effect")
		assert.Empty(t, statuses(s))
	})
}
