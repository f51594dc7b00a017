<?php

// El Laravel de Debian no trae vendor/: vive en /usr/share/php con su propio cargador.
require_once 'Illuminate/autoload.php';

spl_autoload_register(function (string $clase): void {
    if (strpos($clase, 'App\\') !== 0) {
        return;
    }
    $ruta = str_replace('\\', '/', substr($clase, 4)) . '.php';
    // KOMETIA_EXENTO=1 pone el VerifyCsrfToken de la guía en lugar del que instala Laravel.
    foreach (getenv('KOMETIA_EXENTO') === '1' ? ['app-exento', 'app'] : ['app'] as $carpeta) {
        if (is_file($archivo = dirname(__DIR__) . "/$carpeta/$ruta")) {
            require $archivo;

            return;
        }
    }
});

// Todo lo que se escribe va a una carpeta aparte, para que el código pueda ser de solo lectura.
$datos = getenv('KOMETIA_DATOS') ?: dirname(__DIR__) . '/datos';
foreach (['cache', 'framework/sessions', 'framework/views', 'logs'] as $carpeta) {
    if (!is_dir("$datos/$carpeta") && !@mkdir("$datos/$carpeta", 0700, true) && !is_dir("$datos/$carpeta")) {
        throw new RuntimeException("no se puede crear $datos/$carpeta");
    }
}
// SQLite de Laravel no crea el archivo.
touch("$datos/webhooks.sqlite");
foreach (['SERVICES', 'PACKAGES', 'CONFIG', 'ROUTES', 'EVENTS'] as $nombre) {
    $_ENV["APP_{$nombre}_CACHE"] = $datos . '/cache/' . strtolower($nombre) . '.php';
}

$app = new Illuminate\Foundation\Application(dirname(__DIR__));
$app->useStoragePath($datos);
$app->singleton(Illuminate\Contracts\Http\Kernel::class, App\Http\Kernel::class);
$app->singleton(Illuminate\Contracts\Console\Kernel::class, Illuminate\Foundation\Console\Kernel::class);
$app->singleton(Illuminate\Contracts\Debug\ExceptionHandler::class, App\Exceptions\Handler::class);

return $app;
