# frozen_string_literal: true

require "fileutils"
require "json"
require "sqlite3"

# Lo que se guarda: qué eventos ya llegaron, qué efectos tuvieron y el último estado de cada objeto.
#
# El evento, su efecto y el estado entran en una sola transacción: o queda todo o no queda nada,
# así que un 2xx siempre significa "guardado" y un reintento nunca actúa dos veces.
class Base
  ESQUEMA = <<~SQL
    CREATE TABLE eventos (
      id          TEXT PRIMARY KEY, -- el índice único que evita los duplicados
      kind        TEXT NOT NULL,
      recibido_en TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
    );
    CREATE TABLE efectos ( -- solo se inserta: una fila por cada vez que se actuó
      evento TEXT NOT NULL,
      accion TEXT NOT NULL
    );
    CREATE INDEX efectos_por_evento ON efectos (evento);
    CREATE TABLE objetos (
      id      TEXT PRIMARY KEY,
      version TEXT NOT NULL,
      borrado INTEGER NOT NULL,
      cuerpo  TEXT NOT NULL
    );
    CREATE TABLE objeto_de_evento (
      evento TEXT PRIMARY KEY,
      objeto TEXT NOT NULL
    );
    PRAGMA user_version = 1;
  SQL

  # Un evento viejo que llega tarde no regresa el estado, y lo borrado no revive.
  GUARDAR_ESTADO = <<~SQL
    INSERT INTO objetos (id, version, borrado, cuerpo) VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, borrado = excluded.borrado, cuerpo = excluded.cuerpo
    WHERE excluded.borrado > objetos.borrado
       OR (excluded.borrado = objetos.borrado AND excluded.version > objetos.version)
  SQL

  ESTADO = <<~SQL
    SELECT cuerpo FROM objetos JOIN objeto_de_evento ON objeto = id WHERE evento = ? AND NOT borrado
  SQL

  def initialize(carpeta)
    FileUtils.mkdir_p(carpeta, mode: 0o700)
    @sqlite = SQLite3::Database.new(File.join(carpeta, "webhooks.sqlite"))
    @sqlite.busy_timeout = 5000 # milisegundos que se espera a otro proceso que escribe
    # Los hilos de Puma comparten la conexión y hacen fila aquí: dentro de SQLite la espera
    # detendría a todo el proceso, también al hilo que debe terminar.
    @turno = Mutex.new
    en_transaccion { @sqlite.execute_batch(ESQUEMA) if @sqlite.get_first_value("PRAGMA user_version").zero? }
  end

  def ya_llego?(evento)
    @turno.synchronize { @sqlite.get_first_value("SELECT count(*) FROM eventos WHERE id = ?", evento).positive? }
  end

  # Anota el evento y actúa, una sola vez. Devuelve false si el evento ya había llegado,
  # también cuando las dos copias llegan al mismo instante.
  def actuar_una_vez(evento)
    en_transaccion do
      @sqlite.execute("INSERT OR IGNORE INTO eventos (id, kind) VALUES (?, ?)", [evento.id, evento.kind])
      next false if @sqlite.changes.zero?

      @sqlite.execute("INSERT INTO objeto_de_evento VALUES (?, ?)", [evento.id, evento.objeto_id])
      # Aquí va su acción. Si no cabe en la transacción (un correo, otro sistema),
      # guarde aquí la orden de hacerla y que un proceso aparte la cumpla.
      @sqlite.execute("INSERT INTO efectos VALUES (?, ?)", [evento.id, evento.accion])
      @sqlite.execute(GUARDAR_ESTADO, [evento.objeto_id, evento.version, evento.borra? ? 1 : 0, evento.objeto_json])
      true
    end
  end

  # Efectos del evento y estado actual de su objeto (nil si no hay o fue borrado).
  def observar(evento)
    @turno.synchronize do
      estado = @sqlite.get_first_value(ESTADO, evento)
      {
        effects: @sqlite.get_first_value("SELECT count(*) FROM efectos WHERE evento = ?", evento),
        state: estado && JSON.parse(estado)
      }
    end
  end

  private

  # IMMEDIATE toma el turno de escribir desde el principio: dos procesos hacen fila en vez de fallar.
  def en_transaccion(&trabajo)
    @turno.synchronize { @sqlite.transaction(:immediate, &trabajo) }
  end
end
