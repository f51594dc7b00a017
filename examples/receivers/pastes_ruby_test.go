package receivers_test

// rubyPastes are what the table prints for Ruby.
func rubyPastes() []pasted {
	return []pasted{
		named("Rack::Protection, an application beside it", rackup("csrf.rack", "Sinatra", `class Sitio < Sinatra::Base
  use Rack::Protection::AuthenticityToken
  post('/kometia/webhook') { status 204 }
end
class Webhooks < Sinatra::Base
end
`, "{fix}\nuse Rack::Session::Cookie, secret: 'x' * 64\nuse Webhooks\nrun Sitio\n")),
		named("Rack::Protection, an exception", rackup("csrf.rack", "Rack::Protection",
			"use Rack::Protection::AuthenticityToken",
			"class Sitio < Sinatra::Base\n  post('/kometia/webhook') { status 204 }\nend\nuse Rack::Session::Cookie, secret: 'x' * 64\n{fix}\nrun Sitio\n")),
		named("Rails", rails("Rails 5.2", "class KometiaWebhooksController < ApplicationController\n  def create\n    head :no_content\n  end\nend\n", "{fix}")),
		named("Rails, a controller that is there", rails("Older Rails", "",
			"class KometiaWebhooksController < ApplicationController\n{fix}\n  def create\n    head :no_content\n  end\nend\n")),
		named("Rails, a controller of an API", rails("Rails, API", "class KometiaWebhooksController < ApplicationController",
			"{fix}\n  def create\n    head :no_content\n  end\nend\n")),
		named("Sinatra, a route", func() pasted {
			p := rackup("route.not-found", "Sinatra", "", "class Sitio < Sinatra::Base\n  set :environment, :production\n{fix}\nend\nrun Sitio\n")
			p.refuses = 404
			return p
		}()),
		lasting("Rails, a host", func() pasted {
			p := railsSite("config.consider_all_requests_local = true\n  config.hosts = ['otra.example']\n  {fix}", "post '/kometia/webhook', to: 'kometia_webhooks#create'", "skip_before_action :authenticate_user!")
			p.code, p.refuses, p.as = "host.not-allowed", 403, "mi-tunel.example"
			return p
		}()),
		lasting("Rails, a login", func() pasted {
			p := railsSite("config.hosts.clear", "post '/kometia/webhook', to: 'kometia_webhooks#create'", "{fix}")
			p.code, p.refuses = "redirect.login", 302
			return p
		}()),
		lasting("Rails, a route", func() pasted {
			p := railsSite("config.hosts.clear", "{fix}", "skip_before_action :authenticate_user!")
			p.code, p.refuses = "route.not-found", 404
			return p
		}()),
	}
}

// rackup is a config.ru of Sinatra.
func rackup(code, label, before, rest string) pasted {
	return pasted{
		needs: []string{"ruby-sinatra", "puma"}, file: "config.ru", code: code, framework: "rack", label: label, refuses: 403, before: before,
		command: []string{"puma", "-e", "production", "-b", "tcp://{host}", "config.ru"},
		source:  "require 'sinatra/base'\nrequire 'rack/protection'\n" + rest,
	}
}

// rails is an application of Rails in development, where it names what it refuses.
func rails(label, before, controller string) pasted {
	p := railsOf("config.hosts.clear", "post '/kometia/webhook', to: 'kometia_webhooks#create'",
		"class ApplicationController < ActionController::Base\nend\n"+controller)
	p.code, p.label, p.refuses, p.before = "csrf.rails", label, 422, before
	return p
}

// railsSite is an application of Rails whose controller asks for a login, as Devise does.
func railsSite(config, routes, controller string) pasted {
	return railsOf(config, routes, `class KometiaWebhooksController < ActionController::Base
  before_action :authenticate_user!
  skip_forgery_protection
  `+controller+`
  def create
    head :no_content
  end
  def authenticate_user!
    redirect_to '/users/sign_in'
  end
end`)
}

// railsOf is an application of Rails in one file.
func railsOf(config, routes, controllers string) pasted {
	return pasted{
		needs: []string{"ruby-rails", "puma"}, file: "config.ru", framework: "rails",
		command: []string{"puma", "-e", "development", "-b", "tcp://{host}", "config.ru"}, env: []string{"RAILS_ENV=development"},
		source: `require 'logger'
require 'action_controller/railtie'
class Sitio < Rails::Application
  config.load_defaults 6.1
  config.root = __dir__
  config.eager_load = false
  config.logger = ActiveSupport::Logger.new($stdout)
  config.secret_key_base = 'x'
  ` + config + `
  routes.append do
    ` + routes + `
  end
end
Sitio.initialize!
` + controllers + `
run Rails.application
`,
	}
}
