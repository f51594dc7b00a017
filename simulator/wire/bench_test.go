package wire_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// minimal is a server that does next to nothing: what is measured is the
// client. It answers every size bytes of request.
func minimal(b *testing.B, size int) string {
	b.Helper()
	listener, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = listener.Close() })
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok")
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				buf := make([]byte, 16<<10)
				for got, head := 0, 0; ; {
					n, err := conn.Read(buf[got:])
					if err != nil {
						return
					}
					if got += n; head == 0 {
						head = bytes.Index(buf[:got], []byte("\r\n\r\n")) + 4
					}
					if head > 4 && got >= head+size {
						if _, err := conn.Write(answer); err != nil {
							return
						}
						got, head = 0, 0
					}
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String() + "/kometia/webhook"
}

// BenchmarkAttempt compares an attempt with one by a tuned net/http in the same
// run, on 64 kept connections and on fresh ones.
func BenchmarkAttempt(b *testing.B) {
	const size = 2800 // an order.created
	body := []byte(strings.Repeat("x", size))
	fields := []wire.Field{{Name: "User-Agent", Value: "kometia-sim"}, {Name: "Content-Type", Value: "application/json"}, {Name: "Accept", Value: "*/*"}}

	run := func(b *testing.B, attempt func(context.Context) bool) {
		b.SetParallelism(32) // times GOMAXPROCS: 64 on two cores
		b.ReportAllocs()
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		var failed atomic.Int64
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if !attempt(ctx) {
					failed.Add(1)
				}
			}
		})
		b.StopTimer()
		if n := failed.Load(); n > 0 {
			b.Fatalf("%d failed", n)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "attempts/s")
	}

	for _, kind := range []string{"kept", "fresh"} {
		b.Run(kind+"/wire", func(b *testing.B) {
			t, err := wire.ParseTarget(minimal(b, size))
			if err != nil {
				b.Fatal(err)
			}
			c, err := wire.New(wire.DefaultConfig())
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			r := &wire.Request{Target: t, Header: fields, Body: body, Fresh: kind == "fresh"}
			run(b, func(ctx context.Context) bool { return c.Do(ctx, r).Acknowledged() })
		})
		b.Run(kind+"/nethttp", func(b *testing.B) {
			url := minimal(b, size)
			transport := &http.Transport{
				MaxIdleConnsPerHost: 256, DisableCompression: true, DisableKeepAlives: kind == "fresh",
				ResponseHeaderTimeout: 10 * time.Second, WriteBufferSize: 8 << 10,
				DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			}
			defer transport.CloseIdleConnections()
			c := &http.Client{Transport: transport, Timeout: 10 * time.Second}
			run(b, func(ctx context.Context) bool {
				r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
				if err != nil {
					return false
				}
				for _, f := range fields {
					r.Header.Set(f.Name, f.Value)
				}
				resp, err := c.Do(r)
				if err != nil {
					return false
				}
				_, err = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				return err == nil && resp.StatusCode == http.StatusOK
			})
		})
	}
}
