# frozen_string_literal: true

# ruby efectos.rb EVENTO...   efectos de un evento: un número (de varios: un mapa por id)
# ruby efectos.rb < ids.json  una lista JSON de ids: un mapa por id, con los efectos y el estado

require_relative "base"

base = Base.new(ENV["KOMETIA_DATOS"] || File.join(__dir__, "datos"))
if ARGV.size == 1
  puts base.observar(ARGV.first)[:effects]
  exit
end
ids = ARGV.empty? ? JSON.parse($stdin.read) : ARGV
puts JSON.generate(ids.to_h { |id| [id, base.observar(id)] })
