<?php

declare(strict_types=1);

// php efectos.php EVENTO...   efectos de un evento: un número (de varios: un mapa por id)
// php efectos.php < ids.json  una lista JSON de ids: un mapa por id, con los efectos y el estado

require __DIR__ . '/src/Evento.php';
require __DIR__ . '/src/Base.php';

$base = new Base(getenv('KOMETIA_DATOS') ?: __DIR__ . '/datos');
$ids = array_slice($argv, 1);
if (count($ids) === 1) {
    echo $base->observar($ids[0])['effects'], "\n";
    exit(0);
}
if ($ids === []) {
    $ids = json_decode((string) stream_get_contents(STDIN), true);
    if (!is_array($ids)) {
        fwrite(STDERR, "efectos: se espera un id o una lista JSON de ids en la entrada\n");
        exit(2);
    }
}
$mapa = [];
foreach ($ids as $id) {
    $mapa[$id] = $base->observar((string) $id);
}
echo json_encode((object) $mapa, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";
