<?php

declare(strict_types=1);

// php ponerse-al-dia.php   busca en el API lo que no llegó por el webhook, y actúa por ello; cada hora, con cron

require __DIR__ . '/src/Evento.php';
require __DIR__ . '/src/Base.php';
require __DIR__ . '/src/Api.php';

$api = Api::delEntorno();
if ($api === null) {
    fwrite(STDERR, "ponerse-al-dia: faltan KOMETIA_API_URL y KOMETIA_API_KEY\n");
    exit(2);
}
$base = new Base(getenv('KOMETIA_DATOS') ?: __DIR__ . '/datos');
$hechos = 0;
// Del más antiguo al más reciente, como habrían llegado; lo que ya llegó no se hace otra vez.
foreach (array_reverse(iterator_to_array($api->eventos(), false)) as $evento) {
    if ($evento->conocido() && $base->actuarUnaVez($evento)) {
        $hechos++;
    }
}
echo "$hechos eventos que faltaban\n";
