package receivers_test

// phpPastes are what the table prints for PHP.
func phpPastes() []pasted {
	return []pasted{
		named("Laravel, a validation that redirects", pasted{
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
		named("Slim", pasted{
			needs: []string{"php-cli", "php-slim"}, file: "index.php", code: "route.not-found", framework: "slim", refuses: 404,
			command: []string{"php", "-S", "{host}", "index.php"},
			source:  "<?php\nrequire '/usr/share/php/Slim/autoload.php';\n$app = new \\Slim\\App();\n{fix}\n$app->run();\n",
		}),
		named("Symfony, a form", pasted{
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
		named("Laravel, an exempted path", pasted{
			needs: []string{"php-cli", "php-sqlite3", "php-laravel-framework"}, from: "laravel", file: "app/Http/Middleware/VerifyCsrfToken.php",
			code: "csrf.laravel", framework: "laravel", label: "Laravel 10", refuses: 419,
			before:  "protected $except = [];",
			command: []string{"php", "-S", "{host}", "-t", "public", "server.php"},
			source: `<?php
namespace App\Http\Middleware;
class VerifyCsrfToken extends \Illuminate\Foundation\Http\Middleware\VerifyCsrfToken
{
    {fix}
}
`,
		}),
		named("Laravel, a limit of php.ini", pasted{
			needs: []string{"php-cli", "php-sqlite3", "php-laravel-framework"}, from: "laravel", file: "php.ini",
			code: "body.too-large", framework: "laravel", refuses: 413, before: "post_max_size = 100", source: "display_errors = Off\ndisplay_startup_errors = Off\n{fix}\n",
			command: []string{"php", "-c", "php.ini", "-S", "{host}", "-t", "public", "server.php"}, env: []string{"KOMETIA_EXENTO=1"},
		}),
		named("Laravel, a login", laravelRoutes("redirect.login", 302, "Route::post('/kometia/webhook', WebhookController::class);",
			`Route::get('/login', fn () => 'entre')->name('login');
Route::middleware('auth')->group(function () {
    {fix}
});`)),
		named("Laravel, a token", laravelRoutes("auth.required", 401, "Route::post('/kometia/webhook', WebhookController::class);",
			`class Llave
{
    public function handle($request, $next)
    {
        abort(401);
    }
}
app('router')->aliasMiddleware('auth', Llave::class);
Route::middleware(['auth', 'auth:sanctum'])->group(function () {
    {fix}
});`)),
		named("Laravel, a route for GET alone", laravelRoutes("method.not-allowed", 405, "Route::get('/kometia/webhook', WebhookController::class);", "{fix}")),
		named("Laravel, a throttled API", func() pasted {
			p := laravelRoutes("rate.limited", 429, "Route::post('/webhook', WebhookController::class);",
				`config(['cache.default' => 'file', 'cache.stores.file' => ['driver' => 'file', 'path' => storage_path('cache')]]);
\Illuminate\Support\Facades\RateLimiter::for('api', fn () => \Illuminate\Cache\RateLimiting\Limit::perMinute(1));
app('router')->aliasMiddleware('throttle', \Illuminate\Routing\Middleware\ThrottleRequests::class);
Route::prefix('api')->middleware('throttle:api')->withoutMiddleware(\App\Http\Middleware\VerifyCsrfToken::class)->group(function () {
    {fix}
});`)
			p.path, p.times = "/api/webhook", 1
			return p
		}()),
		named("PHP, warnings in the page", pasted{
			needs: []string{"php-cli"}, file: "php.ini", code: "ack.php-error", framework: "php", refuses: 200,
			before: "display_errors = On", source: "{fix}\n",
			command: []string{"php", "-c", "php.ini", "-S", "{host}", "webhook.php"},
			also:    map[string]string{"webhook.php": "<?php $evento = json_decode(file_get_contents('php://input')); $pedido = $evento->nada;\n"},
		}),
		named("PHP, warnings in the page without php.ini", pasted{
			needs: []string{"php-cli"}, file: "webhook.php", code: "ack.php-error", framework: "php", label: "PHP without", refuses: 200,
			before:  "<?php ini_set('display_errors', '1'); $evento = json_decode(file_get_contents('php://input')); $pedido = $evento->nada;",
			adapt:   []string{"// ...", "$pedido = $evento->nada;"},
			command: []string{"php", "-S", "{host}", "webhook.php"}, source: "{fix}\n",
		}),
		named("PHP, its server without a router", pasted{
			needs: []string{"php-cli"}, file: "servidor.sh", code: "route.not-found", framework: "php", path: "/kometia/webhook.php", refuses: 404,
			before: "php -S 127.0.0.1:8000 -t public", adapt: []string{"127.0.0.1:8000", "{host}"}, source: "exec {fix}\n", command: []string{"sh", "servidor.sh"},
			also: map[string]string{"public/index.php": "<?php http_response_code(204);\n"},
		}),
		named("Slim with a guard", pasted{
			needs: []string{"php-cli", "php-slim"}, file: "index.php", code: "csrf.generic", framework: "slim", refuses: 400,
			before:  "$app->post('/kometia/webhook', Kometia::class)->add('csrf');",
			command: []string{"php", "-S", "{host}", "index.php"},
			// Slim-Csrf is not in Debian; its guard answers like this.
			source: `<?php
require '/usr/share/php/Slim/autoload.php';
class Kometia
{
    public function __invoke($request, $response)
    {
        return $response->withStatus(204);
    }
}
$app = new \Slim\App();
$app->getContainer()['csrf'] = fn () => fn ($request, $response, $next) => $request->isPost() ? $response->withStatus(400)->write('Failed CSRF check!') : $next($request, $response);
{fix}
$app->run();
`,
			also: map[string]string{"formularios.php": "<?php\n"},
		}),
		lasting("WordPress, a plugin", pasted{
			needs: []string{"php-cli"}, program: "test -e /usr/share/wordpress/wp-settings.php",
			file: "wp-content/mu-plugins/kometia.php", code: "route.not-found", framework: "wordpress", path: "/wp-json/kometia/v1/webhook", refuses: 404,
			before: "<?php\n", source: "{fix}", command: []string{"php", "-S", "{host}", "index.php"},
			also: map[string]string{"index.php": wordpress, "wp-content/db.php": wordpressStore},
		}),
	}
}

// laravelRoutes is Laravel with these routes, where what is pasted stands at {fix}.
func laravelRoutes(code string, refuses int, before, routes string) pasted {
	return pasted{
		needs: []string{"php-cli", "php-sqlite3", "php-laravel-framework"}, from: "laravel", file: "routes/web.php",
		code: code, framework: "laravel", refuses: refuses, before: before,
		command: []string{"php", "-S", "{host}", "-t", "public", "server.php"}, env: []string{"KOMETIA_EXENTO=1"},
		source: `<?php
use App\Http\Controllers\WebhookController;
use Illuminate\Support\Facades\Route;

config(['auth' => ['defaults' => ['guard' => 'web'], 'guards' => ['web' => ['driver' => 'session', 'provider' => 'users']], 'providers' => ['users' => ['driver' => 'database', 'table' => 'users']]]]);
foreach ([\Illuminate\Auth\AuthServiceProvider::class, \Illuminate\Hashing\HashServiceProvider::class] as $provider) {
    app()->register($provider);
}
app('router')->aliasMiddleware('auth', \Illuminate\Auth\Middleware\Authenticate::class);
` + routes + "\n",
	}
}

const (
	wordpress = `<?php
define('ABSPATH', '/usr/share/wordpress/');
define('WP_CONTENT_DIR', __DIR__ . '/wp-content');
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
foreach (['DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_HOST'] as $name) {
    define($name, '');
}
$table_prefix = 'wp_';
require ABSPATH . 'wp-settings.php';
wp();
`
	// wordpressStore stands in for the database: the options of a site, and nothing else.
	wordpressStore = `<?php
class Opciones extends wpdb
{
    public function __construct()
    {
        $this->ready = true;
    }
    public function _real_escape($text)
    {
        return addslashes((string) $text);
    }
    public function query($query)
    {
        $this->last_result = [];
        if (strpos($query, 'SELECT option_name, option_value FROM') === 0) {
            $site = 'http://' . $_SERVER['HTTP_HOST'];
            foreach (['siteurl' => $site, 'home' => $site, 'blog_charset' => 'UTF-8', 'active_plugins' => 'a:0:{}', 'cron' => 'a:0:{}',
                'permalink_structure' => '/%postname%/', 'template' => 'x', 'stylesheet' => 'x', 'db_version' => '53496',
                'rewrite_rules' => serialize(['^wp-json/(.*)?' => 'index.php?rest_route=/$matches[1]'])] as $name => $value) {
                $this->last_result[] = (object) ['option_name' => $name, 'option_value' => $value];
            }
        }
        return count($this->last_result);
    }
}
$wpdb = new Opciones();
`
)
