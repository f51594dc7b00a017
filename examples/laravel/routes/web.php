<?php

use App\Efectos;
use App\Http\Controllers\WebhookController;
use Illuminate\Support\Facades\Route;

Route::get('/up', fn () => 'listo');
Route::post('/kometia/webhook', WebhookController::class);

// Para pruebas: no lo encienda en producción.
if (env('KOMETIA_OBSERVAR') === '1') {
    Route::get('/efectos/{evento}', fn (Efectos $efectos, string $evento) => ['effects' => $efectos->contar($evento)]);
}
