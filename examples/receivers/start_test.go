package receivers_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/examples/receivers"
)

// expectCommandCounts runs the observer's command as the tool would: from any folder, without a shell.
func expectCommandCounts(ctx context.Context, receiver *receivers.Running, id, count string) {
	GinkgoHelper()
	argv := receiver.EffectsCommand()
	for i, word := range argv {
		argv[i] = strings.ReplaceAll(word, "{event.id}", id)
	}
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Dir = os.TempDir()
	out, err := command.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
	Expect(strings.TrimSpace(string(out))).To(Equal(count))
}

func listening(ctx context.Context, address string) bool {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	Expect(connection.Close()).To(Succeed())
	return true
}

var _ = Describe("Start", Label("whole"), func() {
	It("listens on 127.0.0.1 only and leaves nothing behind", func(ctx SpecContext) {
		receiver := start(ctx, "php-cuidadoso", nil) // with workers, the hardest to end
		at, err := url.Parse(receiver.URL)
		Expect(err).NotTo(HaveOccurred())
		Expect(at.Hostname()).To(Equal("127.0.0.1"))
		Expect(listening(ctx, at.Host)).To(BeTrue())
		Expect(listening(ctx, net.JoinHostPort("127.0.0.2", at.Port()))).To(BeFalse())
		Expect(receiver.Close(ctx)).To(Succeed())
		Expect(listening(ctx, at.Host)).To(BeFalse())
		Expect(receiver.Dir).NotTo(BeADirectory())
		Expect(receiver.Close(ctx)).To(Succeed(), "a second Close does nothing")
	}, SpecTimeout(limit))

	It("writes nothing next to the code", func(ctx SpecContext) {
		before := tree()
		for _, name := range receivers.Names() {
			if name == "nginx-tls" { // asks for a certificate first
				continue
			}
			if lacking, err := receivers.Missing(ctx, name); err != nil || len(lacking) > 0 {
				continue
			}
			receiver := start(ctx, name, nil)
			post(ctx, receiver.WebhookURL, event("evn_1", "order.placed", "ord_1", 100))
			Expect(receiver.Close(ctx)).To(Succeed())
		}
		Expect(tree()).To(Equal(before))
	}, SpecTimeout(coldLimit))

	It("keeps a folder that was named, and its data", func(ctx SpecContext) {
		dir := filepath.Join(GinkgoT().TempDir(), "mi carpeta")
		for range 2 {
			receiver, err := receivers.Start(ctx, "php-cuidadoso", receivers.Options{Dir: dir})
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(receiver.Close)
			Expect(post(ctx, receiver.WebhookURL, event("evn_1", "order.placed", "ord_1", 100)).status).To(Equal(http.StatusOK))
			Expect(effects(ctx, receiver, "evn_1")).To(Equal(1))
			Expect(receiver.Close(ctx)).To(Succeed())
			Expect(dir).To(BeADirectory())
		}
	}, SpecTimeout(limit))

	It("outlives the context of its start", func(ctx SpecContext) {
		starting, cancel := context.WithCancel(ctx)
		receiver, err := receivers.Start(starting, "php-guia", receivers.Options{})
		cancel()
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(receiver.Close)
		Expect(post(ctx, receiver.WebhookURL, "{}").status).To(Equal(http.StatusOK))
	}, SpecTimeout(limit))

	It("leaves nothing behind even when the test process is killed", func(ctx SpecContext) {
		start(ctx, "php-cuidadoso", nil) // or the spec is left out
		helper := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestHelperThatIsKilled$")
		helper.Env = append(os.Environ(), helperVariable+"="+GinkgoT().TempDir())
		out, err := helper.StdoutPipe()
		Expect(err).NotTo(HaveOccurred())
		Expect(helper.Start()).To(Succeed())
		address, err := bufio.NewReader(out).ReadString('\n')
		Expect(err).NotTo(HaveOccurred())
		address = strings.TrimSpace(address)
		Expect(listening(ctx, address)).To(BeTrue())
		Expect(helper.Process.Kill()).To(Succeed())
		Expect(helper.Wait()).To(MatchError(ContainSubstring("killed")))
		Eventually(func() bool { return listening(ctx, address) }).WithContext(ctx).WithTimeout(10 * time.Second).Should(BeFalse())
	}, SpecTimeout(limit))

	It("gives each of several receivers its own port", func(ctx SpecContext) {
		seen := map[string]bool{}
		for range 4 {
			seen[start(ctx, "php-guia", nil).URL] = true
		}
		Expect(seen).To(HaveLen(4))
	}, SpecTimeout(limit))

	It("tells with the log why a receiver ended", func(ctx SpecContext) {
		_, err := receivers.Start(ctx, "sinatra-guia", receivers.Options{Env: map[string]string{"RUBYOPT": "-rno_such_library"}})
		Expect(err).To(MatchError(And(
			ContainSubstring("start receiver sinatra-guia: it ended before it answered (exit status 1)"),
			ContainSubstring("no_such_library"),
		)))
	}, SpecTimeout(limit))

	It("gives up in time on a receiver that does not answer", func(ctx SpecContext) {
		_, err := receivers.Start(ctx, "sinatra-guia", receivers.Options{Timeout: time.Millisecond})
		Expect(err).To(MatchError(context.DeadlineExceeded))
		Expect(err).To(MatchError(ContainSubstring("it did not work in time")))
	}, SpecTimeout(limit))

	Describe("where a program is missing", func() {
		BeforeEach(func() {
			empty := GinkgoT().TempDir()
			shell, err := exec.LookPath("sh")
			Expect(err).NotTo(HaveOccurred())
			Expect(os.Symlink(shell, filepath.Join(empty, "sh"))).To(Succeed())
			GinkgoT().Setenv("PATH", empty)
			GinkgoT().Setenv("CI", "")
		})

		It("names the packages", func(ctx SpecContext) {
			Expect(receivers.Missing(ctx, "php-cuidadoso")).To(Equal([]string{"php-cli", "php-curl", "php-sqlite3"}))
			Expect(receivers.Missing(ctx, "go-minimo")).To(BeEmpty())
			_, err := receivers.Start(ctx, "php-guia", receivers.Options{})
			Expect(err).To(MatchError(ContainSubstring("missing: apt-get install --no-install-recommends php-cli")))
		}, SpecTimeout(limit))

		It("tells Debian's packages from those of npm, and counts the one behind", func(ctx SpecContext) {
			Expect(receivers.Missing(ctx, "nginx-laravel-csrf")).To(ContainElements("php-cli", "php-sqlite3"))
			var out bytes.Buffer
			Expect(receivers.Require(ctx, &out, "express")).To(BeEmpty())
			Expect(out.String()).To(ContainSubstring("apt-get install --no-install-recommends nodejs npm"))
		}, SpecTimeout(limit))

		It("says loudly which receivers are left out", func(ctx SpecContext) {
			var out bytes.Buffer
			Expect(receivers.Require(ctx, &out, "php-guia", "sinatra-guia", "go-minimo")).To(Equal([]string{"go-minimo"}))
			Expect(out.String()).To(And(
				ContainSubstring("receivers left out: php-guia (lacks php-cli), sinatra-guia (lacks puma, ruby-sinatra)"),
				ContainSubstring("apt-get install --no-install-recommends php-cli puma ruby-sinatra"),
			))
		}, SpecTimeout(limit))

		It("fails in CI", func(ctx SpecContext) {
			GinkgoT().Setenv("CI", "true")
			available, err := receivers.Require(ctx, io.Discard, "php-guia", "go-minimo")
			Expect(err).To(MatchError(ContainSubstring("receivers left out: php-guia (lacks php-cli)")))
			Expect(available).To(Equal([]string{"go-minimo"}))
		}, SpecTimeout(limit))
	})
})

// tree lists every file of the examples, but for this package's own.
func tree() []string {
	GinkgoHelper()
	var files []string
	Expect(filepath.WalkDir("..", func(path string, _ os.DirEntry, err error) error {
		if err != nil || path == filepath.Join("..", "receivers") {
			return filepath.SkipDir
		}
		files = append(files, path)
		return nil
	})).To(Succeed())
	return files
}
