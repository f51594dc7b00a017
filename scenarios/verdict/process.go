package verdict

// The verbs of what can be done to the receiver's process, and to what it calls.
const (
	VerbRestart = "restart" // kill, start and wait until it is ready
	VerbKill    = "kill"
	VerbStart   = "start"
	VerbDown    = "down"
	VerbUp      = "up"
	VerbSink    = "sink" // a service that it calls answers otherwise

	VerbReconcile = "reconcile" // its own job looks in the API for what it missed
)
