# frozen_string_literal: true

require "json"
require "net/http"
require_relative "evento"

# No se puede saber si el evento es verdadero: caída, lenta, llave mala, demasiadas peticiones.
class ApiNoDisponible < StandardError; end

# Pregunta al API de Kometia si el evento es de verdad de esta tienda.
class Api
  # nil cuando no está configurada: entonces se confía en el cuerpo.
  def self.del_entorno
    url = ENV.fetch("KOMETIA_API_URL", "")
    url.empty? ? nil : new(url.chomp("/"), ENV.fetch("KOMETIA_API_KEY", ""))
  end

  def initialize(url, llave)
    @url = url
    @llave = llave
  end

  # El evento tal como lo tiene Kometia, o nil si no existe en esta cuenta.
  def evento(id)
    respuesta = pedir(URI("#{@url}/api/v1/events/#{id}")) # el id ya se revisó: solo letras y números
    return nil if respuesta.code == "404"
    raise ApiNoDisponible, "respondió #{respuesta.code}" unless respuesta.code == "200"

    valor = JSON.parse(respuesta.body)
    Evento.new(valor.is_a?(Hash) ? valor["data"] : nil)
  rescue JSON::ParserError, EventoInvalido => e
    raise ApiNoDisponible, "respuesta rara: #{e.message}"
  end

  private

  def pedir(uri)
    peticion = Net::HTTP::Get.new(uri)
    peticion.basic_auth(@llave, "") # la llave es el usuario; la contraseña va vacía
    # Menos de lo que Kometia espera nuestra respuesta.
    Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https",
                                        open_timeout: 2, read_timeout: 4, max_retries: 0) do |http|
      http.request(peticion)
    end
  rescue SystemCallError, SocketError, Timeout::Error, EOFError, OpenSSL::SSL::SSLError, Net::ProtocolError => e
    raise ApiNoDisponible, e.message
  end
end
