<?php

// Hace con php -S lo que mod_rewrite hace en Apache: lo que no es un archivo va a public/index.php.
$ruta = urldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');

if ($ruta !== '/' && is_file(__DIR__ . '/public' . $ruta)) {
    return false;
}

require_once __DIR__ . '/public/index.php';
