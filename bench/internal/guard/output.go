package guard

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"regexp"
	"strings"
)

const (
	lastLines = 3       // how many lines of output are kept for an [End]
	longLine  = 1 << 12 // a longer line is logged in parts
)

// follow copies output to the log, each line with the command's name before it, until the
// last process has closed it, and returns the last lines. It calls ready at the first line
// that matches.
func follow(out io.Reader, config Config, ready func()) (last []string) {
	var pattern *regexp.Regexp
	if config.Ready != "" {
		pattern, _ = regexp.Compile(config.Ready) // checked by who gave it
	}
	var log *os.File // opened at the first line, so that there is none without output
	defer func() { _ = log.Close() }()
	for lines := bufio.NewReaderSize(out, longLine); ; {
		line, _, err := lines.ReadLine()
		if err != nil {
			return last
		}
		if line = bytes.TrimRight(line, " \t\r"); len(line) == 0 {
			continue
		}
		text := strings.ToValidUTF8(string(line), "?")
		if log == nil && config.Log != "" {
			log, _ = os.OpenFile(config.Log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		}
		if log != nil {
			_, _ = log.WriteString(config.Name + ": " + text + "\n") // a full disk must not stop the server
		}
		if last = append(last, text); len(last) > lastLines {
			last = last[1:]
		}
		if pattern != nil && pattern.MatchString(text) {
			pattern = nil
			ready()
		}
	}
}
