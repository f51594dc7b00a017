# frozen_string_literal: true

require "fileutils"
require "logger" # Rails anterior a 7.1 cuenta con que otro lo cargue
require "action_controller/railtie"
require "active_record/railtie"

DATOS = ENV["KOMETIA_DATOS"] || File.join(__dir__, "datos")
FileUtils.mkdir_p(DATOS, mode: 0o700)
ENV["DATABASE_URL"] ||= "sqlite3:#{DATOS}/webhooks.sqlite"

# Una aplicación de Rails en un solo archivo, con la protección CSRF que Rails trae puesta desde 5.2.
class Sitio < Rails::Application
  config.load_defaults 6.1
  config.root = __dir__
  config.eager_load = Rails.env.production?
  config.consider_all_requests_local = Rails.env.development?
  config.logger = ActiveSupport::Logger.new($stdout)
  # Llave solo para pruebas, publicada aquí: en su sitio use la suya.
  config.secret_key_base = ENV.fetch("SECRET_KEY_BASE", "kometia-sim-ejemplo-llave-publica")
  # Las páginas de error que `rails new` pone en public/.
  unless ENV["KOMETIA_SIN_PAGINAS"] == "1"
    paginas = File.join(Gem.loaded_specs.fetch("railties").full_gem_path, "lib/rails/generators/rails/app/templates/public")
    config.exceptions_app = ActionDispatch::PublicExceptions.new(paginas)
  end
end

Sitio.initialize!

ActiveRecord::Base.connection.create_table(:efectos, id: :string, primary_key: :evento, if_not_exists: true) do |tabla|
  tabla.text :accion, null: false
end

# Lo ya hecho; la llave primaria impide hacerlo dos veces por un mismo evento.
class Efecto < ActiveRecord::Base
  self.primary_key = "evento"
  # Los hilos de Puma hacen fila aquí: dentro de SQLite la espera detendría a todo el proceso,
  # también al hilo que debe terminar. Con PostgreSQL o MySQL no hace falta.
  TURNO = Mutex.new

  # Devuelve false si el evento ya había llegado, también cuando las dos copias llegan al mismo instante.
  def self.una_vez(evento, accion)
    TURNO.synchronize do
      transaction do
        create!(evento: evento, accion: accion)
        # Aquí va su acción, en la misma transacción: o queda todo o no queda nada.
      end
    end
    true
  rescue ActiveRecord::RecordNotUnique
    false
  end
end

# Sin la excepción: Rails lo rechaza con 422, porque Kometia no trae cookie ni token.
class ProtegidosController < ActionController::Base
  def create
    evento = JSON.parse(request.raw_post)
    return render(plain: "no es un evento de Kometia", status: :bad_request) unless evento?(evento)
    return render(plain: "sin acción") unless %w[order.created order.placed].include?(evento["kind"])

    render plain: Efecto.una_vez(evento["id"], "pedido creado") ? "recibido" : "duplicado"
  rescue JSON::ParserError
    render plain: "no es JSON", status: :bad_request
  end

  private

  def evento?(valor)
    valor.is_a?(Hash) && valor["kind"].is_a?(String) &&
      valor["id"].is_a?(String) && valor["id"].match?(/\A[a-z]{3}_[0-9a-z_]{1,60}\z/)
  end
end

# Lo que Kometia debe llamar.
class KometiaWebhooksController < ProtegidosController
  skip_forgery_protection
end

# Para pruebas.
class PruebasController < ActionController::Base
  def listo = render(plain: "listo")

  def efectos = render(json: { effects: Efecto.where(evento: params[:evento]).count })
end

Sitio.routes.draw do
  post "/kometia/webhook", to: "kometia_webhooks#create"
  post "/kometia/protegido", to: "protegidos#create"
  get "/up", to: "pruebas#listo"
  get "/efectos/:evento", to: "pruebas#efectos" if ENV["KOMETIA_OBSERVAR"] == "1" # no lo encienda en producción
end
