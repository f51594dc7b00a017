# frozen_string_literal: true

require "fileutils"
require "json"
require "rack/protection"
require "sinatra/base"
require "sqlite3"

# Un sitio de Sinatra con sesiones y con el token de Rack::Protection, que Sinatra no pone por sí solo.
class Sitio < Sinatra::Base
  # Llave solo para pruebas, publicada aquí: en su sitio use la suya.
  set :session_secret, ENV.fetch("SESSION_SECRET", "kometia-sim-ejemplo-llave-publica-de-al-menos-64-caracteres-para-rack-session")
  enable :sessions
  # La excepción: Kometia no trae cookie ni token.
  use Rack::Protection::AuthenticityToken, allow_if: ->(env) { env["PATH_INFO"] == "/kometia/webhook" }

  DATOS = ENV["KOMETIA_DATOS"] || File.join(__dir__, "datos")
  FileUtils.mkdir_p(DATOS, mode: 0o700)
  BASE = SQLite3::Database.new(File.join(DATOS, "webhooks.sqlite"))
  BASE.execute("CREATE TABLE IF NOT EXISTS efectos (evento TEXT PRIMARY KEY, accion TEXT NOT NULL)")
  TURNO = Mutex.new # los hilos de Puma comparten la conexión

  post("/kometia/webhook") { recibir }
  post("/kometia/protegido") { recibir } # lo mismo sin la excepción: 403

  get("/up") { "listo" }

  # Para pruebas: no lo encienda en producción.
  if ENV["KOMETIA_OBSERVAR"] == "1"
    get("/efectos/:evento") do
      content_type :json
      cuenta = TURNO.synchronize { BASE.get_first_value("SELECT count(*) FROM efectos WHERE evento = ?", params[:evento]) }
      JSON.generate(effects: cuenta)
    end
  end

  private

  def recibir
    content_type :text
    evento = leer(request.body.read)
    return [400, "no es un evento de Kometia"] unless evento
    return "sin acción" unless %w[order.created order.placed].include?(evento["kind"])

    una_vez?(evento["id"], "pedido creado") ? "recibido" : "duplicado"
  end

  def leer(texto)
    texto = texto.dup.force_encoding(Encoding::UTF_8)
    valor = texto.valid_encoding? ? JSON.parse(texto) : nil
    return unless valor.is_a?(Hash) && valor["kind"].is_a?(String) && valor["id"].is_a?(String)

    valor if valor["id"].match?(/\A[a-z]{3}_[0-9a-z_]{1,60}\z/)
  rescue JSON::ParserError
    nil
  end

  # false si el evento ya había llegado, también cuando las dos copias llegan al mismo instante.
  def una_vez?(evento, accion)
    TURNO.synchronize do
      BASE.execute("INSERT OR IGNORE INTO efectos VALUES (?, ?)", [evento, accion])
      BASE.changes == 1
    end
  end
end
