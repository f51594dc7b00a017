<?php

declare(strict_types=1);

/**
 * Lo que se guarda: qué eventos ya llegaron, qué efectos tuvieron y el último estado de cada objeto.
 *
 * El evento, su efecto y el estado entran en una sola transacción: o queda todo o no queda nada,
 * así que un 2xx siempre significa "guardado" y un reintento nunca actúa dos veces.
 */
final class Base
{
    private const ESQUEMA = <<<'SQL'
        CREATE TABLE eventos (
            id          TEXT PRIMARY KEY, -- el índice único que evita los duplicados
            kind        TEXT NOT NULL,
            recibido_en TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
        );
        CREATE TABLE efectos ( -- solo se inserta: una fila por cada vez que se actuó
            evento TEXT NOT NULL,
            accion TEXT NOT NULL
        );
        CREATE INDEX efectos_por_evento ON efectos (evento);
        CREATE TABLE objetos (
            id       TEXT PRIMARY KEY,
            version  TEXT NOT NULL,
            borrado  INTEGER NOT NULL,
            cuerpo   TEXT NOT NULL
        );
        CREATE TABLE objeto_de_evento (
            evento TEXT PRIMARY KEY,
            objeto TEXT NOT NULL
        );
        PRAGMA user_version = 1;
        SQL;

    private PDO $pdo;

    public function __construct(string $carpeta)
    {
        if (!is_dir($carpeta) && !@mkdir($carpeta, 0o700, true) && !is_dir($carpeta)) {
            throw new RuntimeException("no se puede crear $carpeta");
        }
        $this->pdo = new PDO("sqlite:$carpeta/webhooks.sqlite", null, null, [
            PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
            PDO::ATTR_TIMEOUT => 5, // segundos que se espera a otro proceso que escribe
        ]);
        if ($this->version() === 0) {
            $this->enTransaccion(function (): void {
                if ($this->version() === 0) { // otro proceso pudo llegar antes
                    $this->pdo->exec(self::ESQUEMA);
                }
            });
        }
    }

    public function yaLlego(string $evento): bool
    {
        return $this->valor('SELECT count(*) FROM eventos WHERE id = ?', $evento) > 0;
    }

    /**
     * Anota el evento y actúa, una sola vez. Devuelve false si el evento ya había llegado,
     * también cuando las dos copias llegan al mismo instante.
     */
    public function actuarUnaVez(Evento $evento): bool
    {
        return $this->enTransaccion(function () use ($evento): bool {
            $nuevo = $this->pdo->prepare('INSERT OR IGNORE INTO eventos (id, kind) VALUES (?, ?)');
            $nuevo->execute([$evento->id, $evento->kind]);
            if ($nuevo->rowCount() === 0) {
                return false;
            }
            $this->pdo->prepare('INSERT INTO objeto_de_evento VALUES (?, ?)')
                ->execute([$evento->id, $evento->objetoId]);
            // Aquí va su acción. Si no cabe en la transacción (un correo, otro sistema),
            // guarde aquí la orden de hacerla y que un proceso aparte la cumpla.
            $this->pdo->prepare('INSERT INTO efectos VALUES (?, ?)')
                ->execute([$evento->id, $evento->accion()]);
            $this->guardarEstado($evento);

            return true;
        });
    }

    /** Un evento viejo que llega tarde no regresa el estado, y lo borrado no revive. */
    private function guardarEstado(Evento $evento): void
    {
        $this->pdo->prepare(
            'INSERT INTO objetos (id, version, borrado, cuerpo) VALUES (:id, :version, :borrado, :cuerpo)
             ON CONFLICT (id) DO UPDATE SET version = excluded.version, borrado = excluded.borrado, cuerpo = excluded.cuerpo
             WHERE excluded.borrado > objetos.borrado
                OR (excluded.borrado = objetos.borrado AND excluded.version > objetos.version)'
        )->execute([
            'id' => $evento->objetoId,
            'version' => $evento->version(),
            'borrado' => (int) $evento->borra(),
            'cuerpo' => $evento->objetoJson,
        ]);
    }

    /** Efectos del evento y estado actual de su objeto (null si no hay o fue borrado). */
    public function observar(string $evento): array
    {
        $estado = $this->valor(
            'SELECT cuerpo FROM objetos JOIN objeto_de_evento ON objeto = id WHERE evento = ? AND NOT borrado',
            $evento
        );

        return [
            'effects' => (int) $this->valor('SELECT count(*) FROM efectos WHERE evento = ?', $evento),
            'state' => is_string($estado) ? json_decode($estado) : null,
        ];
    }

    private function enTransaccion(callable $trabajo): mixed
    {
        // IMMEDIATE toma el turno de escribir desde el principio: dos copias hacen fila en vez de fallar.
        $this->pdo->exec('BEGIN IMMEDIATE');
        try {
            $resultado = $trabajo();
            $this->pdo->exec('COMMIT');

            return $resultado;
        } catch (Throwable $error) {
            try {
                $this->pdo->exec('ROLLBACK');
            } catch (PDOException) {
                // SQLite ya la deshizo; lo que importa es el primer error.
            }
            throw $error;
        }
    }

    private function valor(string $sql, string $dato): mixed
    {
        $consulta = $this->pdo->prepare($sql);
        $consulta->execute([$dato]);

        return $consulta->fetchColumn();
    }

    private function version(): int
    {
        return (int) $this->pdo->query('PRAGMA user_version')->fetchColumn();
    }
}
