package scenarios

// Bisect searches the rungs for a limit with that many tries; taken tells of a
// size whether it is taken and how large what was sent for it really was.
func Bisect(rungs []int, tries int, send func(size int) (sent int, taken bool)) (taken, refused, made int) {
	b := bisection{rungs: rungs, left: tries}
	for {
		size, more := b.next()
		if !more {
			return b.taken, b.refused, made
		}
		sent, ok := send(size)
		if sent <= b.taken {
			return b.taken, b.refused, made
		}
		made++
		b.learn(sent, ok)
	}
}
