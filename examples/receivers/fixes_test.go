package receivers_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	needs     []string // packages of runtimes.tsv
	file      string
	before    string // stands at {fix} until then
	source    string
	command   []string
	env       []string
	from      string // a folder of examples that it is a copy of; "" for none
	code      string
	framework string
	label     string // how the fix is labelled in English; "" for the framework's first one
	refuses   int
	build     []string // what makes the command out of the file; nil for nothing
}

var _ = Describe("a printed fix", Label("whole"), func() {
	DescribeTable("works when it is pasted", func(ctx SpecContext, p pasted) {
		install, err := receivers.Lacks(ctx, p.needs...)
		Expect(err).NotTo(HaveOccurred())
		if install != "" {
			Skip("not installed here: " + install)
		}
		entry, known := diagnose.Builtin().Entry(p.code)
		Expect(known).To(BeTrue())
		fixes := entry.FixesFor("http://localhost/kometia/webhook", p.framework)
		at := slices.IndexFunc(fixes, func(f diagnose.Fix) bool {
			return f.Framework == p.framework && strings.HasPrefix(f.For.EN, p.label)
		})
		Expect(at).To(BeNumerically(">=", 0))
		fix := fixes[at]
		Expect(fix.Code).NotTo(BeEmpty())

		refused := p.answer(ctx, p.before)
		Expect(refused.Status).To(Equal(p.refuses), string(refused.Body))
		Expect(refused.code).To(Equal(p.code))
		Expect(p.answer(ctx, fix.Code).Acknowledged()).To(BeTrue())
	},
		Entry("Laravel, a validation that redirects", SpecTimeout(limit), pasted{
			needs: []string{"php-cli", "php-sqlite3", "php-laravel-framework"}, from: "laravel", file: "routes/web.php", code: "redirect.validation", framework: "laravel", refuses: 302,
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
			needs: []string{"python3-flask", "python3-flaskext.wtf"}, file: "app.py", code: "csrf.flask", framework: "flask", refuses: 400,
			before:  "from flask_wtf import CSRFProtect\ncsrf = CSRFProtect(app)\n@app.post('/kometia/webhook')\ndef w():\n    return '', 204\n",
			command: []string{"/usr/bin/python3", "app.py", "{port}"},
			source:  "import sys\nfrom flask import Flask\napp = Flask('x')\napp.secret_key = 'x'\n{fix}\napp.run(port=int(sys.argv[1]))\n",
		}),
		Entry("Django", SpecTimeout(limit), pasted{
			needs: []string{"python3-django"}, file: "views.py", code: "csrf.django", framework: "django", refuses: 403,
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
			needs: []string{"nodejs", "npm:express"}, file: "app.cjs", code: "csrf.express", framework: "express", refuses: 403,
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
		Entry("Flask, a route", SpecTimeout(limit), pasted{
			needs: []string{"python3-flask"}, file: "app.py", code: "route.not-found", framework: "flask", refuses: 404,
			command: []string{"/usr/bin/python3", "app.py", "{port}"},
			source:  "import sys\nfrom flask import Flask\napp = Flask('x')\n{fix}\napp.run(port=int(sys.argv[1]))\n",
		}),
		Entry("Django, a view of a class", SpecTimeout(limit), djangoView("Django, class-based", "csrf.django", `from django.http import HttpResponse
from django.views import View
class KometiaWebhook(View):
    def post(self, request):
        return HttpResponse(status=204)
`, "KometiaWebhook.as_view()")),
		Entry("Django REST framework", SpecTimeout(limit), pasted{
			needs: []string{"python3-django", "python3-djangorestframework"}, file: "views.py", code: "auth.required",
			framework: "djangorestframework", refuses: 401,
			before: `from rest_framework.decorators import api_view
from rest_framework.response import Response
@api_view(['POST'])
def kometia_webhook(request):
    return Response(status=204)
`,
			command: []string{"/usr/bin/python3", "views.py", "runserver", "--noreload", "{host}"},
			source: `import sys
import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.urls import path
settings.configure(SECRET_KEY='x', ALLOWED_HOSTS=['*'], ROOT_URLCONF='__main__',
    INSTALLED_APPS=['django.contrib.contenttypes', 'django.contrib.auth', 'rest_framework'],
    DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}},
    REST_FRAMEWORK={'DEFAULT_AUTHENTICATION_CLASSES': ['rest_framework.authentication.BasicAuthentication'],
        'DEFAULT_PERMISSION_CLASSES': ['rest_framework.permissions.IsAuthenticated']})
django.setup()
{fix}
urlpatterns = [path('kometia/webhook', kometia_webhook)]
execute_from_command_line(sys.argv)
`,
		}),
		Entry("FastAPI, a model that refuses", SpecTimeout(limit), pasted{
			needs: []string{"python3-fastapi", "python3-uvicorn"}, file: "app.py", code: "body.invalid", framework: "fastapi", refuses: 422,
			before:  "from pydantic import BaseModel\nclass Evento(BaseModel):\n    order_id: str\n@app.post('/kometia/webhook', status_code=204)\nasync def w(evento: Evento):\n    pass\n",
			command: []string{"/usr/bin/python3", "app.py", "{port}"},
			source:  "import sys\nimport uvicorn\nfrom fastapi import FastAPI\napp = FastAPI()\n{fix}\nuvicorn.run(app, port=int(sys.argv[1]))\n",
		}),
		Entry("Tornado", SpecTimeout(limit), pasted{
			needs: []string{"python3-tornado"}, file: "app.py", code: "csrf.generic", framework: "tornado", refuses: 403,
			before:  "class KometiaWebhook(tornado.web.RequestHandler):\n    def post(self):\n        self.set_status(204)\n",
			command: []string{"/usr/bin/python3", "app.py", "{port}"},
			source: `import sys
import tornado.ioloop
import tornado.web
{fix}
tornado.web.Application([(r'/kometia/webhook', KometiaWebhook)], xsrf_cookies=True).listen(int(sys.argv[1]), address='127.0.0.1')
tornado.ioloop.IOLoop.current().start()
`,
		}),
		Entry("Rack::Protection, an application beside it", SpecTimeout(limit), rackup("csrf.rack", "Sinatra", `class Sitio < Sinatra::Base
  use Rack::Protection::AuthenticityToken
  post('/kometia/webhook') { status 204 }
end
class Webhooks < Sinatra::Base
end
`, "{fix}\nuse Rack::Session::Cookie, secret: 'x' * 64\nuse Webhooks\nrun Sitio\n")),
		Entry("Rack::Protection, an exception", SpecTimeout(limit), rackup("csrf.rack", "Rack::Protection",
			"use Rack::Protection::AuthenticityToken",
			"class Sitio < Sinatra::Base\n  post('/kometia/webhook') { status 204 }\nend\nuse Rack::Session::Cookie, secret: 'x' * 64\n{fix}\nrun Sitio\n")),
		Entry("Rails", SpecTimeout(limit), rails("Rails 5.2", "class KometiaWebhooksController < ApplicationController\n  def create\n    head :no_content\n  end\nend\n", "{fix}")),
		Entry("Rails, a controller that is there", SpecTimeout(limit), rails("Older Rails", "",
			"class KometiaWebhooksController < ApplicationController\n{fix}\n  def create\n    head :no_content\n  end\nend\n")),
		Entry("Rails, a controller of an API", SpecTimeout(limit), rails("Rails, API", "class KometiaWebhooksController < ApplicationController",
			"{fix}\n  def create\n    head :no_content\n  end\nend\n")),
		Entry("Slim", SpecTimeout(limit), pasted{
			needs: []string{"php-cli", "php-slim"}, file: "index.php", code: "route.not-found", framework: "slim", refuses: 404,
			command: []string{"php", "-S", "{host}", "index.php"},
			source:  "<?php\nrequire '/usr/share/php/Slim/autoload.php';\n$app = new \\Slim\\App();\n{fix}\n$app->run();\n",
		}),
		Entry("Symfony, a form", SpecTimeout(limit), pasted{
			needs: []string{"php-cli", "php-symfony-form", "php-symfony-http-foundation", "php-symfony-security-csrf"},
			file:  "index.php", code: "csrf.generic", framework: "symfony", refuses: 422,
			command: []string{"php", "-S", "{host}", "index.php"},
			source: `<?php
foreach (['Form', 'HttpFoundation', 'Security/Csrf'] as $c) {
    require "/usr/share/php/Symfony/Component/$c/autoload.php";
}
use Symfony\Component\Form\{AbstractType, FormBuilderInterface, Forms};
use Symfony\Component\Form\Extension\Csrf\CsrfExtension;
use Symfony\Component\Form\Extension\HttpFoundation\HttpFoundationExtension;
use Symfony\Component\OptionsResolver\OptionsResolver;
use Symfony\Component\Security\Csrf\CsrfTokenManager;
class EventoType extends AbstractType
{
    public function buildForm(FormBuilderInterface $builder, array $options): void
    {
        $builder->add('id')->add('kind');
    }
    public function configureOptions(OptionsResolver $resolver): void
    {
        $resolver->setDefaults(['allow_extra_fields' => true]);
        {fix}
    }
}
$forms = Forms::createFormFactoryBuilder()->addExtension(new CsrfExtension(new CsrfTokenManager()))->getFormFactory();
$form = $forms->create(EventoType::class);
$form->submit(json_decode(file_get_contents('php://input'), true));
http_response_code($form->isValid() ? 204 : 422);
echo $form->isValid() ? '' : $form->getErrors();
`,
		}),
		Entry("Express with lusca", SpecTimeout(limit), pasted{
			needs: []string{"nodejs", "npm:express"}, file: "app.cjs", code: "csrf.express", framework: "express", refuses: 403,
			before:  "app.use(csrf());\napp.post('/kometia/webhook', (req, res) => res.sendStatus(204));\n",
			command: []string{"node", "app.cjs", "{port}"}, env: []string{"NODE_ENV=development"},
			source: `const { createRequire } = require('module');
const packages = createRequire('{examples}/express/app.mjs');
const express = packages('express');
const { csrf } = packages('lusca');
const app = express();
app.use(packages('express-session')({ secret: 'x', resave: false, saveUninitialized: true }));
{fix}
app.listen(Number(process.argv[2]), '127.0.0.1');
`,
		}),
		Entry("Fastify", SpecTimeout(limit), node("csrf.generic", "fastify", 403, `(async () => {
  const app = packages('fastify')();
  await app.register(packages('@fastify/cookie'));
  await app.register(packages('@fastify/csrf-protection'));
  {fix}
  await app.listen({ port, host: '127.0.0.1' });
})();
`, "app.post('/kometia/webhook', { onRequest: app.csrfProtection }, async (request, reply) => reply.code(204).send());")),
		Entry("Koa", SpecTimeout(limit), node("csrf.generic", "koa", 403, `const Koa = packages('koa');
const app = new Koa();
app.silent = true;
app.keys = ['x'];
app.use((packages('koa-session').default)(app));
app.use(async (ctx, next) => { ctx.request.body = {}; await next(); }); // as a body parser does
const KoaRouter = packages('@koa/router');
const router = new (KoaRouter.default || KoaRouter)();
const CSRF = packages('koa-csrf');
{fix}
app.listen(port, '127.0.0.1');
`, "app.use(new CSRF());\nrouter.post('/kometia/webhook', async (ctx) => { ctx.status = 204; });\napp.use(router.routes());")),
		Entry("hapi with crumb", SpecTimeout(limit), node("csrf.generic", "hapi", 403, `(async () => {
  const server = packages('@hapi/hapi').server({ port, host: '127.0.0.1' });
  await server.register({ plugin: packages('@hapi/crumb'), options: { restful: true, cookieOptions: { isSecure: false } } });
  {fix}
  await server.start();
})();
`, "server.route({ method: 'POST', path: '/kometia/webhook', handler: (request, h) => h.response().code(204) });")),
		Entry("Nest", SpecTimeout(limit), node("route.not-found", "nest", 404, `packages('reflect-metadata');
const source = String.raw`+"`"+`
const { Body, Controller, HttpCode, Module, Post } = packages('@nestjs/common');
@Controller()
class Webhooks {
  {fix}
}
@Module({ controllers: [Webhooks] })
class Sitio {}
exports.Sitio = Sitio;
`+"`"+`;
const ts = packages('typescript');
const js = ts.transpileModule(source, { compilerOptions: { experimentalDecorators: true, target: 'ES2022', module: 'CommonJS' } }).outputText;
new Function('packages', 'exports', js)(packages, exports);
packages('@nestjs/core').NestFactory.create(exports.Sitio, { logger: false }).then((app) => app.listen(port, '127.0.0.1'));
`, "")),
		Entry("gorilla/csrf", SpecTimeout(limit), goProgram("gorilla/csrf", 403, `import (
	"net/http"
	"os"

	"github.com/gorilla/csrf"
)

func main() {
	key, router := make([]byte, 32), http.NewServeMux()
	webhook := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }
	{fix}
	_ = http.ListenAndServe(os.Args[1], nil)
	_ = webhook
}
`, `http.Handle("/", csrf.Protect(key)(router))`)),
		Entry("Echo", SpecTimeout(limit), goProgram("Echo", 400, `import (
	"os"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

func main() {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	{fix}
	e.POST("/kometia/webhook", func(c echo.Context) error { return c.NoContent(204) })
	_ = e.Start(os.Args[1])
}
`, "e.Use(middleware.CSRF())")),
		Entry("Fiber", SpecTimeout(limit), goProgram("Fiber", 403, `import (
	"os"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/csrf"
)

func main() {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	webhook := func(c *fiber.Ctx) error { return c.SendStatus(204) }
	{fix}
	_ = app.Listen(os.Args[1])
}
`, "app.Use(csrf.New())\n\tapp.Post(\"/kometia/webhook\", webhook)")),
	)
})

// djangoView is an application of Django with one view, protected as Django does.
func djangoView(label, code, before, view string) pasted {
	return pasted{
		needs: []string{"python3-django"}, file: "views.py", code: code, framework: "django", label: label, refuses: 403, before: before,
		command: []string{"/usr/bin/python3", "views.py", "runserver", "--noreload", "{host}"},
		source: `import sys
from django.conf import settings
from django.core.management import execute_from_command_line
from django.urls import path
settings.configure(SECRET_KEY='x', ALLOWED_HOSTS=['*'], ROOT_URLCONF='__main__', MIDDLEWARE=['django.middleware.csrf.CsrfViewMiddleware'])
{fix}
urlpatterns = [path('kometia/webhook', ` + view + `)]
execute_from_command_line(sys.argv)
`,
	}
}

// rackup is a config.ru of Sinatra.
func rackup(code, label, before, rest string) pasted {
	return pasted{
		needs: []string{"ruby-sinatra", "puma"}, file: "config.ru", code: code, framework: "rack", label: label, refuses: 403, before: before,
		command: []string{"puma", "-e", "production", "-b", "tcp://{host}", "config.ru"},
		source:  "require 'sinatra/base'\nrequire 'rack/protection'\n" + rest,
	}
}

// rails is an application of Rails in development, where it names what it refuses.
func rails(label, before, controller string) pasted {
	return pasted{
		needs: []string{"ruby-rails", "puma"}, file: "config.ru", code: "csrf.rails", framework: "rails", label: label, refuses: 422, before: before,
		command: []string{"puma", "-e", "development", "-b", "tcp://{host}", "config.ru"}, env: []string{"RAILS_ENV=development"},
		source: `require 'logger'
require 'action_controller/railtie'
class Sitio < Rails::Application
  config.load_defaults 6.1
  config.root = __dir__
  config.eager_load = false
  config.hosts.clear
  config.logger = ActiveSupport::Logger.new($stdout)
  config.secret_key_base = 'x'
  routes.append { post '/kometia/webhook', to: 'kometia_webhooks#create' }
end
Sitio.initialize!
class ApplicationController < ActionController::Base
end
` + controller + `
run Rails.application
`,
	}
}

// node is a program of Node with the packages of testdata/node.
func node(code, framework string, refuses int, source, before string) pasted {
	return pasted{
		needs: []string{"nodejs", "npm:receivers/testdata/node"}, file: "app.cjs", code: code, framework: framework, refuses: refuses, before: before,
		command: []string{"node", "app.cjs", "{port}"},
		source: "const packages = require('module').createRequire('{examples}/receivers/testdata/node/package.json');\nconst port = Number(process.argv[2]);\n" +
			source,
	}
}

// goProgram is a program of Go with the modules of testdata/go.
func goProgram(label string, refuses int, source, before string) pasted {
	return pasted{
		from: "receivers/testdata/go", file: "main.go", code: "csrf.generic", framework: "go", label: label, refuses: refuses, before: before,
		build: []string{"go", "build", "-o", "receptor", "."}, command: []string{"./receptor", "{host}"},
		source: "package main\n\n" + source,
	}
}

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
	if p.build != nil {
		build := exec.CommandContext(ctx, p.build[0], p.build[1:]...)
		build.Dir = dir
		said, err := build.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(said))
	}
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
	d, _ := diagnose.NewProber(diagnose.Builtin(), client).Diagnose(ctx, request, out)
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
