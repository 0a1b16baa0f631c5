package plan

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"poolbench/bench"
)

// variable is a flag value with its own parser.
type variable struct {
	set  func(text string) error
	text func() string
}

func (v *variable) Set(text string) error { return v.set(text) }

// String also works on a zero variable, as the flag package requires.
func (v *variable) String() string {
	if v.text == nil {
		return ""
	}
	return v.text()
}

func valueOf[T any](value *T, parse func(string) (T, error)) *variable {
	return &variable{
		set: func(text string) (err error) {
			parsed, err := parse(text)
			if err == nil {
				*value = parsed
			}
			return err
		},
		text: func() string { return fmt.Sprint(*value) },
	}
}

// listOf is a comma-separated list. A repeated value is an error: it would be measured
// twice under one name.
func listOf[T comparable](list *[]T, parse func(string) (T, error)) *variable {
	return &variable{
		set: func(text string) error {
			var values []T
			for word := range strings.SplitSeq(text, ",") {
				value, err := parse(strings.TrimSpace(word))
				if err != nil {
					return err
				}
				if slices.Contains(values, value) {
					return fmt.Errorf("%v is named twice", value)
				}
				values = append(values, value)
			}
			*list = values
			return nil
		},
		text: func() string { return listText(*list) },
	}
}

func listText[T any](list []T) string {
	words := make([]string, len(list))
	for i, value := range list {
		words[i] = fmt.Sprint(value)
	}
	return strings.Join(words, ",")
}

func choice(value *bool, yes, no string) *variable {
	parse := oneOf([]string{yes, no})
	return &variable{
		set: func(text string) error {
			word, err := parse(text)
			if err == nil {
				*value = word == yes
			}
			return err
		},
		text: func() string { return choiceText(*value, yes, no) },
	}
}

// filesFlag is -servers.
type filesFlag struct {
	o     *Options
	paths []string
}

func (f *filesFlag) Set(path string) error {
	commands, err := readCommands(path)
	if err == nil {
		err = f.o.addCommands(commands...)
	}
	if err == nil {
		f.paths = append(f.paths, path)
	}
	return err
}

// String also works on a zero flag, as the flag package requires.
func (f *filesFlag) String() string { return strings.Join(f.paths, " ") }

// Get returns the paths, as a flag.Getter.
func (f *filesFlag) Get() any { return f.paths }

// verifyFlag is -verify.
type verifyFlag struct{ o *Options }

func (f *verifyFlag) Set(text string) error {
	word, err := oneOf([]string{"on", "off", "readback"})(text)
	if err == nil {
		f.o.Verify, f.o.ReadBack = word != "off", word == "readback"
	}
	return err
}

// String also works on a zero flag, as the flag package requires.
func (f *verifyFlag) String() string {
	if f.o != nil && f.o.ReadBack {
		return "readback"
	}
	return choiceText(f.o != nil && f.o.Verify, "on", "off")
}

func choiceText(value bool, yes, no string) string {
	if value {
		return yes
	}
	return no
}

func oneOf[T ~string](known []T) func(string) (T, error) {
	return func(text string) (T, error) {
		if !slices.Contains(known, T(text)) {
			words := make([]string, len(known))
			for i, k := range known {
				words[i] = string(k)
			}
			return "", fmt.Errorf("unknown; known are %s", strings.Join(words, ", "))
		}
		return T(text), nil
	}
}

func atLeast(smallest int) func(string) (int, error) {
	return func(text string) (int, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < smallest {
			return 0, fmt.Errorf("%q is not a whole number from %d", text, smallest)
		}
		return n, nil
	}
}

var errPoolName = errors.New("want a letter, then letters, digits, _ and -, not ending in - and digits")

func nameOfPool(text string) (string, error) {
	if !bench.IsPool(text) {
		return "", errPoolName
	}
	return text, nil
}

// commandsFlag is -server. Its text has all commands, those of -servers too: a run is told
// from another by what it measures.
type commandsFlag struct {
	o     *Options
	given []string
}

func (f *commandsFlag) Set(text string) error {
	c, err := parseCommand(text)
	if err == nil {
		err = f.o.addCommands(c)
	}
	if err == nil {
		f.given = append(f.given, text)
	}
	return err
}

// String also works on a zero flag, as the flag package requires.
func (f *commandsFlag) String() string {
	if f.o == nil {
		return ""
	}
	var all []string
	for _, c := range f.o.Commands {
		all = append(all, c.String())
	}
	return strings.Join(all, "; ")
}

// Get returns the values that were given, as a flag.Getter.
func (f *commandsFlag) Get() any { return f.given }

// share parses 5% or 0.05.
func share(text string) (float64, error) {
	number, percent := strings.CutSuffix(text, "%")
	value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		value /= 100
	}
	if err != nil || !(value > 0 && value < 1) {
		return 0, fmt.Errorf("%q is not a share between 0 and 1: write it like 5%% or 0.05", text)
	}
	return value, nil
}

func positive(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is not a positive time: write it like 30s or 5m", text)
	}
	return d, nil
}

// storageFlag is a folder, or the word discard.
type storageFlag struct{ o *Options }

func (f *storageFlag) Set(text string) error {
	if text == "" {
		return errors.New("want a folder or discard")
	}
	if f.o.Discard = text == "discard"; !f.o.Discard {
		f.o.Storage = text
	}
	return nil
}

// String also works on a zero flag, as the flag package requires.
func (f *storageFlag) String() string {
	switch {
	case f.o == nil:
		return ""
	case f.o.Discard:
		return "discard"
	}
	return f.o.Storage
}
