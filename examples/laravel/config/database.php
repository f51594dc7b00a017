<?php

return [
    'default' => 'sqlite',
    'connections' => [
        'sqlite' => [
            'driver' => 'sqlite',
            'database' => storage_path('webhooks.sqlite'),
            'prefix' => '',
            'options' => [PDO::ATTR_TIMEOUT => 5], // segundos que se espera a otro proceso que escribe
        ],
    ],
];
