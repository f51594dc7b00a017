<?php

// Defecto: falla después de leer el evento y, con display_errors=1, PHP responde 200.
$evento = json_decode(file_get_contents('php://input'));

registrar_pedido($evento); // No existe: error fatal.

http_response_code(200);
