<?php

declare(strict_types=1);

/** Un evento de Kometia del que ya se sabe que está bien formado. */
final class Evento
{
    /** Lo que hace este receptor con cada tipo de evento. Un tipo que no está aquí se acusa y no se actúa. */
    private const ACCIONES = [
        'order.created' => 'pedido creado',
        'order.placed' => 'pedido recibido',
        'order.paid' => 'pedido pagado',
        'fulfillment.created' => 'envío creado',
        'fulfillment.updated' => 'envío actualizado',
        'product.created' => 'producto creado',
        'product.updated' => 'producto actualizado',
        'product.deleted' => 'producto borrado',
        'customer.created' => 'cliente creado',
        'customer.updated' => 'cliente actualizado',
        'collection.created' => 'colección creada',
        'collection.updated' => 'colección actualizada',
        'collection.deleted' => 'colección borrada',
    ];

    private function __construct(
        public readonly string $id,
        public readonly string $kind,
        public readonly string $objetoId,
        public readonly string $objetoJson,
        private readonly int $creado,
        private readonly int $objetoActualizado,
    ) {
    }

    /** @throws EventoInvalido si el texto no es JSON o no tiene la forma de un evento */
    public static function deJson(string $texto): self
    {
        try {
            return self::deValor(json_decode($texto, false, 512, JSON_THROW_ON_ERROR));
        } catch (JsonException $error) {
            throw new EventoInvalido('no es JSON: ' . $error->getMessage());
        }
    }

    /** @throws EventoInvalido */
    public static function deValor(mixed $valor): self
    {
        $objeto = $valor?->data?->object ?? null;
        if (
            !is_object($valor) || ($valor->object ?? null) !== 'event' || !is_object($objeto)
            || !self::esId($valor->id ?? null) || !self::esId($objeto->id ?? null)
            || !is_string($valor->kind ?? null) || !is_int($valor->created_at ?? null)
        ) {
            throw new EventoInvalido('no es un evento de Kometia');
        }
        $json = json_encode($objeto, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION);
        if ($json === false) { // por ejemplo un número que no cabe
            throw new EventoInvalido('no se puede guardar: ' . json_last_error_msg());
        }
        $actualizado = $objeto->updated_at ?? null;

        return new self(
            $valor->id,
            $valor->kind,
            $objeto->id,
            $json,
            $valor->created_at,
            is_int($actualizado) ? $actualizado : $valor->created_at,
        );
    }

    private static function esId(mixed $id): bool
    {
        return is_string($id) && preg_match('/\A[a-z]{3}_[0-9a-z]{1,60}\z/', $id) === 1;
    }

    public function conocido(): bool
    {
        return isset(self::ACCIONES[$this->kind]);
    }

    public function accion(): string
    {
        return self::ACCIONES[$this->kind];
    }

    public function borra(): bool
    {
        return str_ends_with($this->kind, '.deleted');
    }

    /**
     * Texto que ordena los eventos de un objeto. Las fechas de Kometia van por segundo: si empatan,
     * decide el orden natural de los tipos y al final el id, para que el resultado no dependa de la llegada.
     */
    public function version(): string
    {
        $rango = array_search($this->kind, array_keys(self::ACCIONES), true);

        return sprintf('%012d %012d %02d %s', $this->objetoActualizado, $this->creado, $rango, $this->id);
    }
}

final class EventoInvalido extends RuntimeException
{
}
