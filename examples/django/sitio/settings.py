import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

# Llave solo para pruebas, publicada aquí: en su sitio use la suya.
SECRET_KEY = os.environ.get('DJANGO_SECRET_KEY', 'kometia-sim-ejemplo-llave-publica-solo-para-pruebas')
DEBUG = os.environ.get('DJANGO_DEBUG') == '1'
ALLOWED_HOSTS = ['127.0.0.1', 'localhost']

INSTALLED_APPS = ['webhooks']
MIDDLEWARE = [
    'django.middleware.security.SecurityMiddleware',
    'django.middleware.common.CommonMiddleware',
    'django.middleware.csrf.CsrfViewMiddleware',  # como lo pone startproject
    'django.middleware.clickjacking.XFrameOptionsMiddleware',
]
TEMPLATES = [{'BACKEND': 'django.template.backends.django.DjangoTemplates'}]
ROOT_URLCONF = 'sitio.urls'
WSGI_APPLICATION = 'sitio.wsgi.application'
LANGUAGE_CODE = os.environ.get('DJANGO_LANGUAGE_CODE', 'en-us')

# Todo lo que se escribe va a una carpeta aparte, para que el código pueda ser de solo lectura.
DATOS = Path(os.environ.get('KOMETIA_DATOS', BASE_DIR / 'datos'))
DATOS.mkdir(mode=0o700, parents=True, exist_ok=True)
DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.sqlite3',
        'NAME': DATOS / 'webhooks.sqlite',
        'OPTIONS': {'timeout': 5},  # segundos que se espera a otro que escribe
    }
}
