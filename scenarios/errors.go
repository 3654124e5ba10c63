package scenarios

import (
	"errors"
	"fmt"
	"strconv"
)

// maxMistakes is the number of mistakes that are told at once: enough to repair
// a file in one go, few enough to read.
const maxMistakes = 10

// SyntaxError is one mistake in the form of a scenario: its YAML, an unknown
// key, or a value of the wrong type. Mistakes in what the values mean are those
// of [harness.Scenario.Validate].
type SyntaxError struct {
	// File is the scenario's file, or the flag that holds the mistake:
	// "--set load.rat=200/s".
	File string
	// Line and Column count from 1; both are 0 where there is no position, as in
	// a flag.
	Line, Column int
	// Msg says what is wrong, Hint what to write instead; Hint may be empty.
	Msg, Hint string
}

// Error is one line: position, mistake and hint.
func (e *SyntaxError) Error() string {
	text := e.File + ": "
	if e.Line > 0 {
		text = e.File + ":" + strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column) + ": "
	}
	text += e.Msg
	if e.Hint != "" {
		text += ": " + e.Hint
	}
	return text
}

// mistakes collects the mistakes of one scenario, each once, up to [maxMistakes].
type mistakes struct {
	list []error
	more int
}

func (m *mistakes) add(e *SyntaxError) {
	for _, known := range m.list {
		if known.Error() == e.Error() {
			return
		}
	}
	if len(m.list) == maxMistakes {
		m.more++
		return
	}
	m.list = append(m.list, e)
}

// err is all mistakes joined, or nil.
func (m *mistakes) err() error {
	list := m.list
	if m.more > 0 {
		list = append(list, fmt.Errorf("and %d more", m.more))
	}
	return errors.Join(list...)
}
