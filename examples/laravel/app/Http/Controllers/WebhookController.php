<?php

namespace App\Http\Controllers;

use App\Efectos;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Log;

class WebhookController
{
    public function __invoke(Request $request, Efectos $efectos)
    {
        // json() de Laravel convierte un JSON roto en un arreglo vacío; aquí se lee estricto.
        $evento = json_decode($request->getContent(), true);
        $id = $evento['id'] ?? null;
        $kind = $evento['kind'] ?? null;
        if (!is_string($id) || !is_string($kind)) {
            return response('no es un evento de Kometia', 400);
        }
        if ($kind !== 'order.created' && $kind !== 'order.placed') {
            return response('sin acción', 200);
        }
        if ($efectos->unaVez($id, 'pedido creado')) {
            Log::info("pedido creado $id");
        }

        return response('recibido', 200);
    }
}
