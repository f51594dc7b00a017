# frozen_string_literal: true

require "json"

# El texto no es JSON o no tiene la forma de un evento.
class EventoInvalido < StandardError; end

# Un evento de Kometia del que ya se sabe que está bien formado.
class Evento
  # Lo que hace este receptor con cada tipo de evento. Un tipo que no está aquí se acusa y no se actúa.
  ACCIONES = {
    "order.created" => "pedido creado",
    "order.placed" => "pedido recibido",
    "order.paid" => "pedido pagado",
    "fulfillment.created" => "envío creado",
    "fulfillment.updated" => "envío actualizado",
    "product.created" => "producto creado",
    "product.updated" => "producto actualizado",
    "product.deleted" => "producto borrado",
    "customer.created" => "cliente creado",
    "customer.updated" => "cliente actualizado",
    "collection.created" => "colección creada",
    "collection.updated" => "colección actualizada",
    "collection.deleted" => "colección borrada"
  }.freeze
  ID = /\A[a-z]{3}_[0-9a-z]{1,60}\z/

  attr_reader :id, :kind, :objeto_id, :objeto_json

  def self.de_json(texto)
    texto = texto.dup.force_encoding(Encoding::UTF_8)
    raise EventoInvalido, "no es UTF-8" unless texto.valid_encoding?

    new(JSON.parse(texto))
  rescue JSON::ParserError
    raise EventoInvalido, "no es JSON"
  end

  def initialize(valor)
    objeto = valor.is_a?(Hash) && valor["data"].is_a?(Hash) ? valor["data"]["object"] : nil
    unless objeto.is_a?(Hash) && valor["object"] == "event" && id?(valor["id"]) && id?(objeto["id"]) &&
           valor["kind"].is_a?(String) && valor["created_at"].is_a?(Integer)
      raise EventoInvalido, "no es un evento de Kometia"
    end

    @id = valor["id"]
    @kind = valor["kind"]
    @creado = valor["created_at"]
    @objeto_id = objeto["id"]
    @objeto_actualizado = objeto["updated_at"].is_a?(Integer) ? objeto["updated_at"] : @creado
    @objeto_json = JSON.generate(objeto)
  rescue JSON::GeneratorError # por ejemplo un número que no cabe
    raise EventoInvalido, "no se puede guardar"
  end

  def conocido? = ACCIONES.key?(kind)

  def accion = ACCIONES.fetch(kind)

  def borra? = kind.end_with?(".deleted")

  # Texto que ordena los eventos de un objeto. Las fechas de Kometia van por segundo: si empatan,
  # decide el orden natural de los tipos y al final el id, para que el resultado no dependa de la llegada.
  def version
    format("%012d %012d %02d %s", @objeto_actualizado, @creado, ACCIONES.keys.index(kind), id)
  end

  private

  def id?(valor) = valor.is_a?(String) && ID.match?(valor)
end
