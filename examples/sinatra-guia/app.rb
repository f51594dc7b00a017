require "sinatra"
require "json"
# Usando Sinatra
post "/my/webhook/url" do
# Recibir el cuerpo de la petición y parsear a JSON.
event_json = JSON.parse(request.body.read)
# Usar los datos del Webhooks para alguna acción.
status 200
end
