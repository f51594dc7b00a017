<?php

namespace App;

use Illuminate\Database\ConnectionInterface;

/** Los efectos ya hechos; el índice único impide hacer dos veces el de un mismo evento. */
class Efectos
{
    private ConnectionInterface $base;

    public function __construct(ConnectionInterface $base)
    {
        $this->base = $base;
        $base->statement('CREATE TABLE IF NOT EXISTS efectos (evento TEXT PRIMARY KEY, accion TEXT NOT NULL)');
    }

    /** Devuelve false si el evento ya había llegado. */
    public function unaVez(string $evento, string $accion): bool
    {
        // Una sola sentencia: dos copias al mismo instante hacen fila en la base.
        return $this->base->table('efectos')->insertOrIgnore(compact('evento', 'accion')) === 1;
    }

    public function contar(string $evento): int
    {
        return $this->base->table('efectos')->where('evento', $evento)->count();
    }
}
