package language

// Matches lets tests try answer patterns on statuses.
func Matches(a Answers, statuses ...int) bool { return a.Match(statuses) }

// ValidPatterns lets tests ask whether patterns can be read.
func ValidPatterns(a Answers) error { return a.validate() }
