package receivers_test

import (
	"context"
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

// pasted is a small application that refuses the webhook until the fix that the diagnosis prints is pasted into it.
type pasted struct {
	like      string // the receiver whose packages it needs
	file      string
	before    string // stands at {fix} until then
	source    string
	command   []string
	env       []string
	from      string // a folder of examples that it is a copy of; "" for none
	code      string
	framework string
	versions  string
	refuses   int
}

var _ = Describe("a printed fix", Label("whole"), func() {
	DescribeTable("works when it is pasted", func(ctx SpecContext, p pasted) {
		names, err := receivers.Require(ctx, os.Stderr, p.like)
		Expect(err).NotTo(HaveOccurred())
		if len(names) == 0 {
			Skip("not installed here")
		}
		entry, known := diagnose.Builtin().Entry(p.code)
		Expect(known).To(BeTrue())
		fix := entry.FixesFor("http://localhost/kometia/webhook", strings.TrimSpace(p.framework+" "+p.versions))[0]
		Expect(fix.Framework).To(Equal(p.framework))

		refused := p.answer(ctx, p.before)
		Expect(refused.Status).To(Equal(p.refuses), string(refused.Body))
		Expect(refused.code).To(Equal(p.code))
		Expect(p.answer(ctx, fix.Code).Acknowledged()).To(BeTrue())
	},
		Entry("Laravel, a validation that redirects", SpecTimeout(limit), pasted{
			like: "laravel", from: "laravel", file: "routes/web.php", code: "redirect.validation", framework: "laravel", refuses: 302,
			before:  "$request->validate(['order_id' => 'required']);",
			command: []string{"php", "-S", "{host}", "-t", "public", "server.php"}, env: []string{"KOMETIA_EXENTO=1"},
			source: `<?php
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Route;

Route::post('/kometia/webhook', function (Request $request) {
    {fix}
    return response('recibido');
});
`,
		}),
		Entry("Flask-WTF", SpecTimeout(limit), pasted{
			like: "flask", file: "app.py", code: "csrf.flask", framework: "flask", refuses: 400,
			before:  "from flask_wtf import CSRFProtect\ncsrf = CSRFProtect(app)\n@app.post('/kometia/webhook')\ndef w():\n    return '', 204\n",
			command: []string{"/usr/bin/python3", "app.py", "{port}"},
			source:  "import sys\nfrom flask import Flask\napp = Flask('x')\napp.secret_key = 'x'\n{fix}\napp.run(port=int(sys.argv[1]))\n",
		}),
		Entry("Django", SpecTimeout(limit), pasted{
			like: "django", file: "views.py", code: "csrf.django", framework: "django", refuses: 403,
			before:  "from django.http import HttpResponse\ndef kometia_webhook(request):\n    return HttpResponse(status=204)\n",
			command: []string{"/usr/bin/python3", "views.py", "runserver", "--noreload", "{host}"},
			source: `import sys
from django.conf import settings
from django.core.management import execute_from_command_line
from django.urls import path
settings.configure(SECRET_KEY='x', ALLOWED_HOSTS=['*'], ROOT_URLCONF='__main__', MIDDLEWARE=['django.middleware.csrf.CsrfViewMiddleware'])
{fix}
urlpatterns = [path('kometia/webhook', kometia_webhook)]
execute_from_command_line(sys.argv)
`,
		}),
		Entry("Express with csurf", SpecTimeout(limit), pasted{
			like: "express", file: "app.cjs", code: "csrf.express", framework: "express", refuses: 403,
			before:  "app.use(csrf({ cookie: true }));\napp.post('/kometia/webhook', (req, res) => res.sendStatus(204));\n",
			command: []string{"node", "app.cjs", "{port}"}, env: []string{"NODE_ENV=development"},
			source: `const { createRequire } = require('module');
const packages = createRequire('{examples}/express/app.mjs');
const express = packages('express');
const csrf = packages('csurf');
const app = express();
app.use(packages('cookie-parser')());
{fix}
app.listen(Number(process.argv[2]), '127.0.0.1');
`,
		}),
	)
})

type answered struct {
	*wire.Outcome
	code string
}

// answer starts the application with text at its {fix}, delivers an event and stops it.
func (p pasted) answer(ctx context.Context, text string) answered {
	GinkgoHelper()
	examples, err := filepath.Abs("..")
	Expect(err).NotTo(HaveOccurred())
	dir := GinkgoT().TempDir()
	if p.from != "" {
		copyFolder(filepath.Join(examples, p.from), dir)
	}
	source := strings.NewReplacer("{fix}", text, "{examples}", examples).Replace(p.source)
	Expect(os.WriteFile(filepath.Join(dir, p.file), []byte(source), 0o644)).To(Succeed())
	host, release, err := receivers.ReservePort(ctx)
	Expect(err).NotTo(HaveOccurred())
	defer release()
	_, port, err := net.SplitHostPort(host)
	Expect(err).NotTo(HaveOccurred())
	words := make([]string, len(p.command))
	for i, w := range p.command {
		words[i] = strings.NewReplacer("{host}", host, "{port}", port).Replace(w)
	}
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.Dir, command.Env = dir, append(append(os.Environ(), p.env...), "KOMETIA_DATOS="+filepath.Join(dir, "datos"))
	var log strings.Builder
	command.Stdout, command.Stderr = &log, &log
	Expect(command.Start()).To(Succeed())
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}()
	client, err := wire.New(wire.DefaultConfig())
	Expect(err).NotTo(HaveOccurred())
	defer client.Close()
	to, err := wire.ParseTarget("http://" + host + "/kometia/webhook")
	Expect(err).NotTo(HaveOccurred())
	request := &wire.Request{
		Target: to, Body: []byte(event("evn_1", "order.created", "ord_1", 100)), Fresh: true,
		Header: []wire.Field{{Name: "Content-Type", Value: "application/json"}},
	}
	var out *wire.Outcome
	Eventually(ctx, func() bool {
		out = client.Do(ctx, request)
		return out.Err == nil
	}).WithTimeout(30*time.Second).WithPolling(50*time.Millisecond).Should(BeTrue(), "it starts")
	d := diagnose.Builtin().Diagnose(request, out)
	if d == nil {
		return answered{Outcome: out}
	}
	return answered{Outcome: out, code: d.Code}
}

// copyFolder copies the files of a folder.
func copyFolder(from, to string) {
	GinkgoHelper()
	Expect(os.CopyFS(to, os.DirFS(from))).To(Succeed())
}
