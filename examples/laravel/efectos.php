<?php

// php efectos.php EVENTO...   efectos de un evento: un número (de varios: un mapa por id)
// php efectos.php < ids.json  una lista JSON de ids: un mapa por id

$app = require __DIR__ . '/bootstrap/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();

$efectos = $app->make(App\Efectos::class);
$ids = array_slice($argv, 1);
if (count($ids) === 1) {
    echo $efectos->contar($ids[0]), "\n";
    exit(0);
}
if ($ids === []) {
    $ids = json_decode(stream_get_contents(STDIN), true);
    if (!is_array($ids)) {
        fwrite(STDERR, "efectos: se espera un id o una lista JSON de ids en la entrada\n");
        exit(2);
    }
}
$mapa = [];
foreach ($ids as $id) {
    $mapa[$id] = $efectos->contar((string) $id);
}
echo json_encode((object) $mapa), "\n";
