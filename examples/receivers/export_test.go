package receivers

import "context"

// ReservePort is a host:port of 127.0.0.1 that no other test process uses until it is given back.
func ReservePort(ctx context.Context) (host string, release func(), err error) {
	p, err := reservePort(ctx)
	if err != nil {
		return "", nil, err
	}
	return p.host(), p.release, nil
}
