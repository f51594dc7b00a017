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
	return out, cn.readRest(out, &Request{Method: method})
}
