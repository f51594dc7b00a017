package main_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

// judged is what a whole run said of one practice receiver.
type judged struct {
	code    int
	out     string            // both outputs
	verdict map[string]string // by check
}

// noticed are the checks with one of these verdicts.
func (j *judged) noticed(verdicts ...verdict.Verdict) []string {
	ids := []string{}
	for id, v := range j.verdict {
		if slices.Contains(verdicts, verdict.Verdict(v)) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// wholeMatrix asks for the whole catalogue on the flawed receivers, too (make
// matrix): that no other check blames them for what is not theirs. Without it
// they are tried with the checks that have to find them.
const wholeMatrix = "MATRIX"

// roaming are the receivers whose fault shows in what other checks send.
var roaming = []string{"leaks-trace"}

// The matrix: every practice receiver against the catalogue, as a user would run it.
// Each is a spec of its own, so that several processes share them.
var _ = Describe("the catalogue on every practice receiver", Label("whole", "unraced"), func() {
	flaws := append([]practice.Flaw{{Name: "", Good: true}}, practice.Flaws()...)

	suite, err := language.Builtin()
	if err != nil {
		panic(err)
	}
	level := map[string]verdict.Level{}
	for _, c := range suite.Checks() {
		level[c.ID] = c.Level
	}

	for _, f := range flaws {
		It("judges practice:"+f.Name+" as it is", func(ctx SpecContext) {
			got := judge(ctx, f)
			said := got.out
			if f.Name == "" {
				for id, found := range got.verdict {
					if !notHere(id) && level[id] != verdict.Informative {
						Expect(found).To(BeEquivalentTo(verdict.Pass), "%s\n%s", id, said)
					}
				}
			}
			red := got.noticed(verdict.Fail, verdict.Warn, verdict.Error)
			if f.Good {
				Expect(slices.DeleteFunc(red, func(id string) bool { return slices.Contains(f.Warns, id) })).To(BeEmpty(), said)
				Expect(got.code).To(Equal(0), said)
				return
			}
			// What an INFO check only tells of this one counts as well.
			if told := got.noticed(verdict.Info); len(told) > 0 {
				good := judge(ctx, flaws[0], told...)
				for _, id := range told {
					if good.verdict[id] != string(verdict.Info) {
						red = append(red, id)
					}
				}
			}
			red = slices.DeleteFunc(red, func(id string) bool { return slices.Contains(f.Perhaps, id) })
			fails := slices.DeleteFunc(slices.Clone(f.Fails), func(id string) bool { return level[id] == "" })
			Expect(red).To(ConsistOf(fails), said)
			code := 0
			if slices.ContainsFunc(fails, func(id string) bool { return level[id] != verdict.Informative }) {
				code = 1
			}
			Expect(got.code).To(Equal(code), said)
		}, SpecTimeout(2*time.Minute))
	}

	It("has a receiver that fails each check", func() {
		for _, c := range suite.Checks() {
			if c.Level == verdict.Informative || strings.HasPrefix(c.ID, "KOM-TLS-") {
				continue
			}
			Expect(slices.ContainsFunc(flaws, func(f practice.Flaw) bool { return slices.Contains(f.Fails, c.ID) })).To(BeTrue(), c.ID)
		}
		for _, f := range flaws {
			for _, id := range slices.Concat(f.Fails, f.Perhaps, f.Warns) {
				Expect(level).To(HaveKey(id), f.Name)
			}
		}
	})
})

// notHere tells the checks that are tried on receivers of another sort: behind
// TLS, with the API, or with somebody whom they call.
func notHere(id string) bool {
	return strings.HasPrefix(id, "KOM-TLS-") || strings.HasPrefix(id, "KOM-VER-") || id == "KOM-REC-001" || id == "KOM-DEP-002"
}

// judge plays the catalogue against one practice receiver, or those of its checks
// that are named; with --strict, but for those of which a warning is expected and no
// fault.
func judge(ctx context.Context, f practice.Flaw, only ...string) *judged {
	GinkgoHelper()
	args := append([]string{"run", "--target", strings.TrimSuffix("practice:"+f.Name, ":"), "--report", "json=r.json"}, only...)
	if !f.Good && os.Getenv(wholeMatrix) == "" && !slices.Contains(roaming, f.Name) {
		args = append(append(args, "KOM-ACK-001"), f.Fails...)
	}
	if f.Warns == nil {
		args = append(args, "--strict")
	}
	program, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	dir := GinkgoT().TempDir()
	j := &judged{verdict: map[string]string{}}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "LANG=en_US.UTF-8")
	out, err := cmd.CombinedOutput()
	j.out, j.code = string(out), cmd.ProcessState.ExitCode()
	var ended *exec.ExitError
	if !errors.As(err, &ended) {
		Expect(err).NotTo(HaveOccurred(), j.out)
	}
	data, err := os.ReadFile(filepath.Join(dir, "r.json"))
	Expect(err).NotTo(HaveOccurred(), j.out)
	for _, c := range ofType(lines(string(data)), "check") {
		j.verdict[c["id"].(string)] = c["result"].(string)
	}
	Expect(j.verdict).NotTo(BeEmpty(), j.out)
	return j
}
