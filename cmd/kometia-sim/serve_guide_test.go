//go:build unix

package main_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// freePort is one that nobody listens on now.
func freePort() string {
	GinkgoHelper()
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	defer ln.Close()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	Expect(err).NotTo(HaveOccurred())
	return port
}

// guide is a reader who does on a terminal what a page says, block by block.
type guide struct {
	dir   string
	env   []string
	bash  *exec.Cmd
	in    io.WriteCloser
	out   *lockedBuffer
	ended chan struct{}
	done  int
}

func newGuide() *guide {
	GinkgoHelper()
	g := &guide{dir: GinkgoT().TempDir(), out: &lockedBuffer{}, ended: make(chan struct{})}
	executable, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	bin := GinkgoT().TempDir()
	Expect(os.WriteFile(filepath.Join(bin, "kometia-sim"), []byte("#!/bin/sh\nexec '"+executable+"' \"$@\"\n"), 0o700)).To(Succeed()) //nolint:gosec // it is to be run
	g.env = append(os.Environ(), asProgram+"=1", "PATH="+bin+":"+os.Getenv("PATH"), "LANG=en_US.UTF-8")
	g.bash = exec.CommandContext(context.Background(), "bash", "-e", "-o", "pipefail")
	g.bash.Dir, g.bash.Env, g.bash.Stdout, g.bash.Stderr = g.dir, g.env, g.out, g.out
	g.in, err = g.bash.StdinPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(g.bash.Start()).To(Succeed())
	go func() {
		defer close(g.ended)
		_ = g.bash.Wait()
	}()
	DeferCleanup(func() {
		_ = g.in.Close()
		_ = g.bash.Process.Kill()
		<-g.ended
	})
	return g
}

// do carries out a block in the second terminal; one that fails ends the guide.
func (g *guide) do(ctx context.Context, block string) {
	GinkgoHelper()
	g.done++
	mark := fmt.Sprintf("::done %d", g.done)
	_, err := io.WriteString(g.in, block+"\necho '"+mark+"'\n")
	Expect(err).NotTo(HaveOccurred())
	for !strings.Contains(g.out.String(), mark) {
		select {
		case <-g.ended:
			Expect(g.out.String()).To(ContainSubstring(mark), "the block fails:\n%s", block)
		case <-ctx.Done():
			Fail("the block does not end:\n" + block + "\n" + g.out.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// begin starts what a block starts in a terminal of its own, and waits for its
// port.
func (g *guide) begin(ctx context.Context, block, port string) {
	GinkgoHelper()
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "bash", "-c", "exec "+strings.TrimSpace(block))
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = g.dir, g.env, g.out, g.out
	Expect(cmd.Start()).To(Succeed())
	DeferCleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	Eventually(ctx, func() error {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = conn.Close()
		}
		return err
	}).WithTimeout(20*time.Second).Should(Succeed(), "%s\n%s", block, g.out.String())
}

var _ = Describe("the guide of serve", Label("whole", "unraced"), func() {
	blocks := regexp.MustCompile("(?s)```([^\n]*)\n(.*?)```")

	DescribeTable("does what it says, from top to bottom", func(ctx SpecContext, page, receiver string) {
		for _, tool := range []string{"bash", "curl", strings.Fields(receiver)[0]} {
			if _, err := exec.LookPath(tool); err != nil {
				Skip(tool + " is not installed")
			}
		}
		text, err := os.ReadFile(filepath.Join("../..", page))
		Expect(err).NotTo(HaveOccurred())
		ports := map[string]string{"8090": freePort(), "8000": freePort(), "8001": freePort()}
		said := string(text)
		for from, to := range ports {
			said = strings.ReplaceAll(said, from, to)
		}
		if strings.HasPrefix(receiver, "ruby") {
			requireReceivers(ctx, "sinatra-guia") // what it needs beside Ruby
		}
		g := newGuide()
		Expect(os.WriteFile(filepath.Join(g.dir, "receiver.php"), []byte(phpReceiver), 0o600)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(g.dir, "receiver.rb"), []byte(rubyReceiver), 0o600)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(g.dir, "receiver.js"), []byte(strings.ReplaceAll(nodeReceiver, "8000", ports["8000"])), 0o600)).To(Succeed())
		ran := 0
		for _, m := range blocks.FindAllStringSubmatch(said, -1) {
			language, block := m[1], m[2]
			switch {
			case strings.HasPrefix(language, "python "):
				Expect(os.WriteFile(filepath.Join(g.dir, strings.Fields(language)[1]), []byte(block), 0o600)).To(Succeed())
			case language != "sh":
			case strings.HasPrefix(block, "kometia-sim serve"):
				g.begin(ctx, strings.TrimSpace(block)+" --listen 127.0.0.1:"+ports["8090"], ports["8090"])
			case strings.HasPrefix(block, "kometia-sim receive"):
				g.begin(ctx, block, ports["8001"])
			case strings.HasPrefix(block, "python3 receiver.py"):
				g.begin(ctx, strings.ReplaceAll(receiver, "8000", ports["8000"]), ports["8000"])
			default:
				g.do(ctx, block)
				ran++
			}
		}
		Expect(ran).To(BeNumerically(">=", 11))
		Expect(g.out.String()).To(ContainSubstring("FIXED"))
	},
		Entry("in English, with Python", SpecTimeout(3*time.Minute), "docs/serve.md", "python3 receiver.py"),
		Entry("in Spanish, with PHP", SpecTimeout(3*time.Minute), "docs/serve.es.md", "php -S 127.0.0.1:8000 receiver.php"),
		Entry("in Spanish, with Sinatra", SpecTimeout(3*time.Minute), "docs/serve.es.md", "ruby receiver.rb -e production -o 127.0.0.1 -p 8000"),
		Entry("in English, with Node", SpecTimeout(3*time.Minute), "docs/serve.md", "node receiver.js"),
	)
})

// The receiver of the page in other languages: those in PHP and Ruby are Kometia's
// examples.
const (
	rubyReceiver = `require "sinatra"
require "json"
post "/kometia/webhook" do
  event_json = JSON.parse(request.body.read)
  code = File.exist?("status") ? File.read("status").to_i : 200
  File.write("received.txt", "#{event_json["id"]} #{event_json["kind"]}\n", mode: "a") if code == 200
  headers "Location" => "/login" if code == 302
  status code
end
`
	phpReceiver = `<?php
$input = @file_get_contents("php://input");
$eventJson = json_decode($input);
$status = file_exists("status") ? (int) file_get_contents("status") : 200;
if ($status === 200) {
    file_put_contents("received.txt", $eventJson->id . " " . $eventJson->kind . "\n", FILE_APPEND | LOCK_EX);
}
if ($status === 302) {
    header("Location: /login");
}
http_response_code($status);
`
	nodeReceiver = `
const fs = require("fs");
require("http").createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => { body += chunk; });
  request.on("end", () => {
    const event = JSON.parse(body);
    const status = fs.existsSync("status") ? Number(fs.readFileSync("status", "utf8")) : 200;
    if (status === 200) fs.appendFileSync("received.txt", event.id + " " + event.kind + "\n");
    response.writeHead(status, status === 302 ? { Location: "/login" } : {});
    response.end();
  });
}).listen(8000, "127.0.0.1");
`
)
