package fuzz

// ParseCase reads a case from bytes, as ReadCase does from a file.
var ParseCase = parseCase
