<?php

// Defecto: usa una clave que no existe y, con display_errors=1, el aviso sale en la respuesta.
$evento = json_decode(file_get_contents('php://input'), true);

$folio = $evento['folio'];

http_response_code(200);
