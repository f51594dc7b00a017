package wire

// Target is where a request goes.
type Target struct{}
