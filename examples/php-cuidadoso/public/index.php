<?php

declare(strict_types=1);

require __DIR__ . '/../src/Evento.php';
require __DIR__ . '/../src/Base.php';
require __DIR__ . '/../src/Api.php';

// Un error nunca debe salir con un 200: los detalles van al registro, no a la respuesta.
ini_set('display_errors', '0');
ini_set('log_errors', '1');

[$estado, $texto] = responder(
    $_SERVER['REQUEST_METHOD'],
    (string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH),
);
http_response_code($estado);
header('Content-Type: application/json');
echo json_encode($texto, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";

function responder(string $metodo, string $ruta): array
{
    try {
        if ($ruta === '/kometia/webhook') {
            if ($metodo !== 'POST') {
                header('Allow: POST');

                return [405, 'solo POST'];
            }

            return recibir((string) file_get_contents('php://input'));
        }
        if ($ruta === '/up') {
            return [200, 'listo'];
        }
        // Para pruebas: no lo encienda en producción.
        if (getenv('KOMETIA_OBSERVAR') === '1' && preg_match('~\A/efectos/(\w+)\z~', $ruta, $partes)) {
            return [200, base()->observar($partes[1])];
        }

        return [404, 'no existe'];
    } catch (Throwable $error) {
        error_log((string) $error);

        return [503, 'intente más tarde']; // Kometia lo repite en una hora
    }
}

function recibir(string $cuerpo): array
{
    try {
        $evento = Evento::deJson($cuerpo);
    } catch (EventoInvalido $error) {
        return [400, $error->getMessage()];
    }
    // Antes de preguntar al API: acusar un tipo desconocido o un duplicado no cuesta ni arriesga nada.
    if (!$evento->conocido()) {
        return [200, 'sin acción para ' . $evento->kind];
    }
    if (base()->yaLlego($evento->id)) {
        return [200, 'duplicado'];
    }
    $api = Api::delEntorno();
    if ($api !== null) {
        try {
            $verdadero = $api->evento($evento->id);
        } catch (ApiNoDisponible $error) {
            error_log('API de Kometia: ' . $error->getMessage());

            return [503, 'no se pudo verificar'];
        }
        if ($verdadero === null || $verdadero->id !== $evento->id || $verdadero->kind !== $evento->kind) {
            return [422, 'el evento no es de esta tienda'];
        }
        $evento = $verdadero; // se actúa con lo que dice Kometia, no con lo que dijo el POST
    }

    return [200, base()->actuarUnaVez($evento) ? 'hecho' : 'duplicado'];
}

function base(): Base
{
    static $base = null;

    return $base ??= new Base(getenv('KOMETIA_DATOS') ?: dirname(__DIR__) . '/datos');
}
