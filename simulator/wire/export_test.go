package wire

import "io"

// ReadAnswer reads one answer from src as an exchange does, without a socket.
func ReadAnswer(src io.Reader, method string) (out *Outcome, keep bool) {
	out = &Outcome{}
	cn := &conn{rd: newReader()}
	cn.rd.reset(src)
	if out.Err = cn.rd.readStatus(out); out.Err != nil {
		return out, false
	}
	keep, out.Err = cn.readRest(out, &Request{Method: method})
	return out, keep
}

// ConnectError says why no connection came about.
func ConnectError(address string, err error) *Error { return connectError(address, err) }
