import os

from django.urls import path

from webhooks import views

urlpatterns = [
    path('kometia/webhook', views.webhook),
    path('kometia/protegido', views.protegido),
    path('up', views.listo),
]

# Para pruebas: no lo encienda en producción.
if os.environ.get('KOMETIA_OBSERVAR') == '1':
    urlpatterns.append(path('efectos/<str:evento>', views.efectos))
