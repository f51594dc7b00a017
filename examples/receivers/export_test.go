package receivers

import (
	"context"
	"errors"
)

// ReservePort is a host:port of 127.0.0.1 that no other test process uses until it is given back.
func ReservePort(ctx context.Context) (host string, release func(), err error) {
	p, err := reservePort(ctx)
	if err != nil {
		return "", nil, err
	}
	return p.host(), p.release, nil
}

// Lacks says how to install those of the packages that are missing here; in CI none may be.
func Lacks(ctx context.Context, packages ...string) (string, error) {
	lacking, err := absent(ctx, packages, map[string]bool{})
	if err != nil || len(lacking) == 0 {
		return "", err
	}
	install := installing(lacking)
	if inCI() {
		return "", errors.New(install)
	}
	return install, nil
}
