<?php

declare(strict_types=1);

/** Pregunta al API de Kometia si el evento es de verdad de esta tienda. */
final class Api
{
    public function __construct(private readonly string $url, private readonly string $llave)
    {
    }

    /** null cuando no está configurada: entonces se confía en el cuerpo. */
    public static function delEntorno(): ?self
    {
        $url = (string) getenv('KOMETIA_API_URL');

        return $url === '' ? null : new self(rtrim($url, '/'), (string) getenv('KOMETIA_API_KEY'));
    }

    /**
     * El evento tal como lo tiene Kometia, o null si no existe en esta cuenta.
     *
     * @throws ApiNoDisponible cuando no se puede saber (caída, lenta, llave mala, demasiadas peticiones)
     */
    public function evento(string $id): ?Evento
    {
        [$estado, $cuerpo] = $this->pedir('/events/' . rawurlencode($id));
        if ($estado === 404) {
            return null;
        }
        if ($estado !== 200) {
            throw new ApiNoDisponible("respondió $estado");
        }
        try {
            $valor = json_decode($cuerpo, false, 512, JSON_THROW_ON_ERROR);

            return Evento::deValor($valor->data ?? null);
        } catch (JsonException | EventoInvalido $error) {
            throw new ApiNoDisponible('respuesta rara: ' . $error->getMessage());
        }
    }

    /**
     * Los eventos de unos 30 días, los más nuevos primero y por páginas.
     *
     * @return iterable<Evento>
     * @throws ApiNoDisponible
     */
    public function eventos(): iterable
    {
        for ($pagina = 1; $pagina !== null; $pagina = $respuesta->meta->pagination->next_page ?? null) {
            [$estado, $cuerpo] = $this->pedir("/events?per_page=100&page=$pagina");
            if ($estado !== 200) {
                throw new ApiNoDisponible("respondió $estado");
            }
            $respuesta = json_decode($cuerpo);
            foreach ($respuesta->data ?? [] as $valor) {
                try {
                    yield Evento::deValor($valor);
                } catch (EventoInvalido $error) {
                    error_log('API de Kometia: ' . $error->getMessage()); // los demás sí
                }
            }
        }
    }

    /** @return array{int, string} estado y cuerpo de la respuesta */
    private function pedir(string $ruta): array
    {
        $curl = curl_init($this->url . '/api/v1' . $ruta);
        curl_setopt_array($curl, [
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_HTTPAUTH => CURLAUTH_BASIC,
            CURLOPT_USERPWD => $this->llave . ':', // la llave es el usuario; la contraseña va vacía
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_CONNECTTIMEOUT => 2,
            CURLOPT_TIMEOUT => 4, // menos de lo que Kometia espera nuestra respuesta
        ]);
        $cuerpo = curl_exec($curl);
        if ($cuerpo === false) {
            throw new ApiNoDisponible(curl_error($curl));
        }

        return [curl_getinfo($curl, CURLINFO_RESPONSE_CODE), $cuerpo];
    }
}

final class ApiNoDisponible extends RuntimeException
{
}
