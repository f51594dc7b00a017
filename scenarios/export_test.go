package scenarios

// Matches lets tests try answer patterns on statuses.
func Matches(a Answers, statuses ...int) bool { return a.match(statuses) }

// ValidPatterns lets tests ask whether patterns can be read.
func ValidPatterns(a Answers) error { return a.validate() }
