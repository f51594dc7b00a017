package receivers_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/examples/receivers"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// scheme is a server that is asked by the scheme that it does not speak.
type scheme struct {
	needs   []string
	secure  bool // what it speaks is TLS
	files   map[string]string
	command []string
	// silent says that it says and closes nothing, so that one look decides nothing.
	silent bool
}

var _ = Describe("the wrong scheme", Label("whole", "unraced"), func() {
	DescribeTable("is told as that by asking with the other one, and never wrongly as certain",
		func(ctx SpecContext, s scheme) {
			install, err := receivers.Lacks(ctx, s.needs...)
			Expect(err).NotTo(HaveOccurred())
			if install != "" {
				Skip("not installed here: " + install)
			}
			host := s.start(ctx)
			cfg := wire.DefaultConfig()
			cfg.Timeout = 3 * time.Second
			client, err := wire.New(cfg)
			Expect(err).NotTo(HaveOccurred())
			defer client.Close()
			wrong := "https://"
			if s.secure {
				wrong = "http://"
			}
			to, err := wire.ParseTarget(wrong + host + "/kometia/webhook")
			Expect(err).NotTo(HaveOccurred())
			request := &wire.Request{
				Target: to, Body: []byte(event("evn_1", "order.created", "ord_1", 100)), Fresh: true,
				Header: []wire.Field{{Name: "Content-Type", Value: "application/json"}},
			}
			out := client.Do(ctx, request)
			d := diagnose.Builtin().Diagnose(request, out)
			Expect(d).NotTo(BeNil())
			GinkgoWriter.Printf("at one look: %s, %s\n", d.Code, d.Certainty)
			if d.Code != "tls.plain-http" {
				Expect(d.Certainty).NotTo(Equal(diagnose.Certain), d.Code)
			}
			if s.silent {
				Expect(d.Code).To(Equal("timeout.response"))
			}
			d, _ = diagnose.NewProber(diagnose.Builtin(), client).Diagnose(ctx, request, out)
			Expect(d.Code).To(Equal("tls.plain-http"), d.Evidence.EN)
			Expect(d.Certainty).To(Equal(diagnose.Certain))
		},
		Entry("http to http.server with TLS", SpecTimeout(limit), scheme{
			needs: []string{"python3-flask"}, secure: true, command: []string{"/usr/bin/python3", "s.py", "{port}"},
			files: map[string]string{"s.py": `import http.server, ssl, sys
server = http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), http.server.SimpleHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('cert.pem', 'key.pem')
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
`},
		}),
		Entry("https to http.server", SpecTimeout(limit), scheme{
			needs: []string{"python3-flask"}, command: []string{"/usr/bin/python3", "-m", "http.server", "{port}", "--bind", "127.0.0.1"},
		}),
		Entry("http to Flask with TLS", SpecTimeout(limit), scheme{
			needs: []string{"python3-flask"}, secure: true, command: []string{"/usr/bin/python3", "s.py", "{port}"},
			files: map[string]string{"s.py": "import sys\nfrom flask import Flask\nFlask('x').run(port=int(sys.argv[1]), ssl_context=('cert.pem', 'key.pem'))\n"},
		}),
		Entry("https to Flask", SpecTimeout(limit), scheme{
			needs: []string{"python3-flask"}, command: []string{"/usr/bin/python3", "s.py", "{port}"},
			files: map[string]string{"s.py": "import sys\nfrom flask import Flask\nFlask('x').run(port=int(sys.argv[1]))\n"},
		}),
		Entry("http to Node with TLS", SpecTimeout(limit), scheme{
			needs: []string{"nodejs"}, secure: true, command: []string{"node", "s.cjs", "{port}"},
			files: map[string]string{"s.cjs": `const { readFileSync: read } = require('fs');
require('https').createServer({ cert: read('cert.pem'), key: read('key.pem') }, (req, res) => res.end()).listen(Number(process.argv[2]), '127.0.0.1');
`},
		}),
		Entry("https to Node", SpecTimeout(limit), scheme{
			needs: []string{"nodejs"}, command: []string{"node", "s.cjs", "{port}"},
			files: map[string]string{"s.cjs": "require('http').createServer((req, res) => res.end()).listen(Number(process.argv[2]), '127.0.0.1');\n"},
		}),
		Entry("http to nginx with TLS", SpecTimeout(limit), nginxScheme(true)),
		Entry("https to nginx", SpecTimeout(limit), nginxScheme(false)),
		Entry("http to puma with TLS", SpecTimeout(limit), scheme{
			needs: []string{"puma"}, secure: true, silent: true,
			command: []string{"puma", "-b", "ssl://{host}?key={dir}/key.pem&cert={dir}/cert.pem", "s.ru"},
			files:   map[string]string{"s.ru": "run ->(env) { [204, {}, []] }\n"},
		}),
		Entry("https to puma", SpecTimeout(limit), scheme{
			needs: []string{"puma"}, command: []string{"puma", "-b", "tcp://{host}", "s.ru"},
			files: map[string]string{"s.ru": "run ->(env) { [204, {}, []] }\n"},
		}),
		// php -S speaks no TLS, but PHP does.
		Entry("http to PHP with TLS", SpecTimeout(limit), scheme{
			needs: []string{"php-cli"}, secure: true, command: []string{"php", "s.php"},
			files: map[string]string{"s.php": `<?php
$context = stream_context_create(['ssl' => ['local_cert' => 'cert.pem', 'local_pk' => 'key.pem']]);
$server = stream_socket_server('tls://{host}', $code, $error, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN, $context);
while (true) {
    if ($peer = @stream_socket_accept($server, -1)) {
        fread($peer, 65536);
        fwrite($peer, "HTTP/1.1 204 No Content\r\n\r\n");
        fclose($peer);
    }
}
`},
		}),
		Entry("https to php -S", SpecTimeout(limit), scheme{needs: []string{"php-cli"}, command: []string{"php", "-S", "{host}"}}),
	)
})

func nginxScheme(secure bool) scheme {
	listen := "listen {host};"
	if secure {
		listen = "listen {host} ssl; ssl_certificate {dir}/cert.pem; ssl_certificate_key {dir}/key.pem;"
	}
	return scheme{
		needs: []string{"nginx-light"}, secure: secure, command: []string{"nginx", "-p", "{dir}", "-c", "{dir}/s.conf"},
		files: map[string]string{"s.conf": `daemon off; pid {dir}/pid; error_log {dir}/error.log; worker_processes 1;
events { worker_connections 32; }
http {
    access_log off; client_body_temp_path {dir}/1; proxy_temp_path {dir}/2; fastcgi_temp_path {dir}/3; uwsgi_temp_path {dir}/4; scgi_temp_path {dir}/5;
    server { ` + listen + ` return 204; }
}
`},
	}
}

// start gives the server's host:port once it takes connections.
func (s scheme) start(ctx context.Context) string {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	selfSigned(dir)
	host, release, err := receivers.ReservePort(ctx)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(release)
	_, port, err := net.SplitHostPort(host)
	Expect(err).NotTo(HaveOccurred())
	filled := strings.NewReplacer("{host}", host, "{port}", port, "{dir}", dir)
	for name, text := range s.files {
		Expect(os.WriteFile(filepath.Join(dir, name), []byte(filled.Replace(text)), 0o600)).To(Succeed())
	}
	words := make([]string, len(s.command))
	for i, w := range s.command {
		words[i] = filled.Replace(w)
	}
	command := exec.CommandContext(context.WithoutCancel(ctx), words[0], words[1:]...) // it ends by itself, with its children
	command.Dir = dir
	if words[0] == "nginx" {
		if path, err := exec.LookPath("/usr/sbin/nginx"); err == nil {
			command.Path, command.Err = path, nil
		}
	}
	var log strings.Builder
	command.Stdout, command.Stderr = &log, &log
	Expect(command.Start()).To(Succeed())
	DeferCleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	})
	Eventually(ctx, func() error {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
		if err == nil {
			err = conn.Close()
		}
		return err
	}).WithTimeout(30*time.Second).WithPolling(50*time.Millisecond).Should(Succeed(), "it starts")
	return host
}

// selfSigned writes a certificate for this machine, cert.pem and key.pem.
func selfSigned(dir string) {
	GinkgoHelper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Expect(err).NotTo(HaveOccurred())
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	Expect(err).NotTo(HaveOccurred())
	der, err := x509.MarshalPKCS8PrivateKey(key)
	Expect(err).NotTo(HaveOccurred())
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "PRIVATE KEY", Bytes: der}} {
		Expect(os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600)).To(Succeed())
	}
}
