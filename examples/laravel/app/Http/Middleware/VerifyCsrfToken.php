<?php

namespace App\Http\Middleware;

use Illuminate\Foundation\Http\Middleware\VerifyCsrfToken as Middleware;

/** Como lo instala Laravel: protege todas las rutas POST, también la del webhook. */
class VerifyCsrfToken extends Middleware
{
    protected $except = [];
}
