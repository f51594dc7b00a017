# frozen_string_literal: true

require "json"
require "sinatra/base"
require_relative "api"
require_relative "base"
require_relative "evento"

# Receptor de webhooks de Kometia que no pierde ni duplica.
class Receptor < Sinatra::Base
  configure do
    # Un error nunca debe mostrarse en la respuesta ni tumbar al receptor.
    set :show_exceptions, false
    set :raise_errors, false
    set :dump_errors, true
    set :base, Base.new(ENV["KOMETIA_DATOS"] || File.join(__dir__, "datos"))
    set :api, Api.del_entorno
  end

  post "/kometia/webhook" do
    evento = Evento.de_json(request.body.read)
    # Antes de preguntar al API: acusar un tipo desconocido o un duplicado no cuesta ni arriesga nada.
    next responder(200, "sin acción para #{evento.kind}") unless evento.conocido?
    next responder(200, "duplicado") if settings.base.ya_llego?(evento.id)

    if settings.api
      verdadero = settings.api.evento(evento.id)
      unless verdadero && verdadero.id == evento.id && verdadero.kind == evento.kind
        next responder(422, "el evento no es de esta tienda")
      end

      evento = verdadero # se actúa con lo que dice Kometia, no con lo que dijo el POST
    end
    responder(200, settings.base.actuar_una_vez(evento) ? "hecho" : "duplicado")
  end

  get("/up") { responder(200, "listo") }

  # Para pruebas: no lo encienda en producción.
  if ENV["KOMETIA_OBSERVAR"] == "1"
    get("/efectos/:evento") { responder(200, settings.base.observar(params[:evento])) }
  end

  error(EventoInvalido) { |e| responder(400, e.message) }

  # Kometia lo repite en una hora.
  error(ApiNoDisponible) { responder(503, "no se pudo verificar") }
  error { responder(503, "intente más tarde") }

  private

  def responder(estado, texto)
    content_type :json
    [estado, "#{JSON.generate(texto)}\n"]
  end
end
