package report

import (
	"time"
)

// Columns is the width of a line as a terminal shows it.
func Columns(s string) int { return textColumns(s) }

// Span and Offset show virtual time; ShortID shortens an id.
func Span(d time.Duration) string   { return span(d) }
func Offset(d time.Duration) string { return offset(d) }
func ShortID(id string) string      { return shortID(id) }

// Words gives the dictionary for inspection.
func Words() any { return dictionary() }
