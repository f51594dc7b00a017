package receivers_test

import (
	"strings"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// pythonPastes are what the table prints for Python.
func pythonPastes() []pasted {
	return []pasted{
		named("Flask-WTF", pasted{
			needs: []string{"python3-flask", "python3-flaskext.wtf"}, file: "app.py", code: "csrf.flask", framework: "flask", refuses: 400,
			before:  "from flask_wtf import CSRFProtect\ncsrf = CSRFProtect(app)\n@app.post('/kometia/webhook')\ndef w():\n    return '', 204\n",
			command: []string{"/usr/bin/python3", "app.py", "{port}"},
			source:  "import sys\nfrom flask import Flask\napp = Flask('x')\napp.secret_key = 'x'\n{fix}\napp.run(port=int(sys.argv[1]))\n",
		}),
		named("Django", djangoView("", "csrf.django",
			"from django.http import HttpResponse\ndef kometia_webhook(request):\n    return HttpResponse(status=204)\n", "kometia_webhook")),
		named("Flask, a route", pasted{
			needs: []string{"python3-flask"}, file: "app.py", code: "route.not-found", framework: "flask", refuses: 404,
			command: []string{"/usr/bin/python3", "app.py", "{port}"},
			source:  "import sys\nfrom flask import Flask\napp = Flask('x')\n{fix}\napp.run(port=int(sys.argv[1]))\n",
		}),
		named("Django, a view of a class", djangoView("Django, class-based", "csrf.django", `from django.http import HttpResponse
from django.views import View
class KometiaWebhook(View):
    def post(self, request):
        return HttpResponse(status=204)
`, "KometiaWebhook.as_view()")),
		named("Django REST framework", pasted{
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
		named("FastAPI, a model that refuses", pasted{
			needs: []string{"python3-fastapi", "python3-uvicorn"}, file: "app.py", code: "body.invalid", framework: "fastapi", refuses: 422,
			before:  "from pydantic import BaseModel\nclass Evento(BaseModel):\n    order_id: str\n@app.post('/kometia/webhook', status_code=204)\nasync def w(evento: Evento):\n    pass\n",
			command: []string{"/usr/bin/python3", "app.py", "{port}"},
			source:  "import sys\nimport uvicorn\nfrom fastapi import FastAPI\napp = FastAPI()\n{fix}\nuvicorn.run(app, port=int(sys.argv[1]))\n",
		}),
		named("Tornado", pasted{
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
		named("Flask, a final slash", flask("redirect.slash", 308, "@app.post('/kometia/webhook/')", "{fix}\ndef w():\n    return '', 204\n")),
		named("Flask, a route for GET alone", flask("method.not-allowed", 405, "@app.route('/kometia/webhook')", "{fix}\ndef w():\n    return '', 204\n")),
		named("Flask, a limit", flask("body.too-large", 413, "app.config['MAX_CONTENT_LENGTH'] = 100",
			"{fix}\n@app.post('/kometia/webhook')\ndef w():\n    request.form\n    return '', 204\n")),
		named("Flask-WTF, a blueprint", func() pasted {
			p := flask("csrf.flask", 400, "", `from flask import Blueprint
from flask_wtf import CSRFProtect
csrf = CSRFProtect(app)
webhooks_blueprint = Blueprint('webhooks', __name__)
@webhooks_blueprint.post('/kometia/webhook')
def w():
    return '', 204
{fix}
app.register_blueprint(webhooks_blueprint)
`)
			p.label, p.needs = "Flask-WTF, a blueprint", append(p.needs, "python3-flaskext.wtf")
			return p
		}()),
		named("Django, a host", djangoSettings("host.not-allowed", 400, "ALLOWED_HOSTS = ['mitienda.example']", "DEBUG=True, ALLOWED_HOSTS=ALLOWED_HOSTS, MIDDLEWARE=['django.middleware.common.CommonMiddleware']", "path('kometia/webhook', views.w)")),
		named("Django, a final slash", func() pasted {
			p := djangoSettings("redirect.slash", 301, "path('kometia/webhook/', views.kometia_webhook),",
				"ALLOWED_HOSTS=['*'], MIDDLEWARE=['django.middleware.common.CommonMiddleware']", "{fix}")
			p.source = strings.Replace(p.source, "{fix}\n", "", 1)
			return p
		}()),
		named("Django, https behind a proxy", func() pasted {
			p := djangoSettings("redirect.https", 301, "SECURE_PROXY_SSL_HEADER = None",
				"ALLOWED_HOSTS=['*'], MIDDLEWARE=['django.middleware.security.SecurityMiddleware'], SECURE_SSL_REDIRECT=True, SECURE_PROXY_SSL_HEADER=SECURE_PROXY_SSL_HEADER",
				"path('kometia/webhook', views.w)")
			p.header = []wire.Field{{Name: "X-Forwarded-Proto", Value: "https"}}
			return p
		}()),
		named("Django, a limit", djangoSettings("body.too-large", 400, "DATA_UPLOAD_MAX_MEMORY_SIZE = 100",
			"DEBUG=True, ALLOWED_HOSTS=['*'], DATA_UPLOAD_MAX_MEMORY_SIZE=DATA_UPLOAD_MAX_MEMORY_SIZE", "path('kometia/webhook', views.w)")),
		named("Starlette, a host", pasted{
			needs: []string{"python3-fastapi", "python3-uvicorn"}, file: "app.py", code: "host.not-allowed", framework: "fastapi", refuses: 400, as: "mitienda.example",
			before:  "from starlette.middleware.trustedhost import TrustedHostMiddleware\napp.add_middleware(TrustedHostMiddleware, allowed_hosts=['otra.example'])",
			command: []string{"/usr/bin/python3", "app.py", "{port}"},
			source: `import sys
import uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.post('/kometia/webhook', status_code=204)
async def w():
    pass
{fix}
uvicorn.run(app, port=int(sys.argv[1]))
`,
		}),
		named("Tornado, a route", pasted{
			needs: []string{"python3-tornado"}, file: "app.py", code: "route.not-found", framework: "tornado", refuses: 404,
			before:  "tornado.web.Application([(r'/otra', KometiaWebhook)])",
			command: []string{"/usr/bin/python3", "app.py", "{port}"},
			source: `import sys
import tornado.ioloop
import tornado.web
class KometiaWebhook(tornado.web.RequestHandler):
    def post(self):
        self.set_status(204)
app = {fix}
app.listen(int(sys.argv[1]), address='127.0.0.1')
tornado.ioloop.IOLoop.current().start()
`,
		}),
	}
}

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

// flask is an application of Flask.
func flask(code string, refuses int, before, rest string) pasted {
	return pasted{
		needs: []string{"python3-flask"}, file: "app.py", code: code, framework: "flask", refuses: refuses, before: before,
		command: []string{"/usr/bin/python3", "app.py", "{port}"},
		source:  "import sys\nfrom flask import Flask, request\napp = Flask('x')\napp.secret_key = 'x'\n" + rest + "app.run(port=int(sys.argv[1]))\n",
	}
}

// djangoSettings is a Django with settings of its own, which what is pasted gives.
func djangoSettings(code string, refuses int, before, settings, route string) pasted {
	return pasted{
		needs: []string{"python3-django"}, file: "sitio.py", code: code, framework: "django", refuses: refuses, before: before,
		command: []string{"/usr/bin/python3", "sitio.py", "runserver", "--noreload", "{host}"},
		source: `import sys
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import path
{fix}
settings.configure(SECRET_KEY='x', ROOT_URLCONF='__main__', ` + settings + `)
class views:
    def w(request):
        request.body
        return HttpResponse(status=204)
    kometia_webhook = w
urlpatterns = [` + route + `]
execute_from_command_line(sys.argv)
`,
	}
}
