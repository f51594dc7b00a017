package main_test

import (
	"context"
	"io"
	"net"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// deadAddress is one that nobody listens on.
func deadAddress() string {
	GinkgoHelper()
	ln, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	defer ln.Close()
	return ln.Addr().String()
}

// rawServer answers every request with these bytes and hangs up.
func rawServer(ctx context.Context, answer string) string {
	GinkgoHelper()
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(ln.Close)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buffer := make([]byte, 64<<10)
				_, _ = conn.Read(buffer)
				_, _ = io.WriteString(conn, answer)
			}()
		}
	}()
	return ln.Addr().String()
}
