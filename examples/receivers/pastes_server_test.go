package receivers_test

// serverPastes are what the table prints for the servers in front.
func serverPastes() []pasted {
	return []pasted{
		named("nginx, a slow application", func() pasted {
			// Each has to wait a second more than the one before it, so that the last one waits even where the machine is slow.
			p := nginxPaste("gateway.timeout", 504, "proxy_read_timeout 500ms;", `limit_req_zone $request_method zone=lento:1m rate=60r/m;
    server { listen unix:{dir}/lento; limit_req zone=lento burst=9; location / { proxy_pass http://app; } }
    server { listen {host}; location / { {fix}
        proxy_pass http://unix:{dir}/lento; } }`)
			p.times = 3
			return p
		}()),
		named("nginx, a limit of size", nginxPaste("body.too-large", 413, "client_max_body_size 100;", "server { listen {host}; {fix} location / { proxy_pass http://app; } }")),
		named("nginx, a limit of the rate", func() pasted {
			p := nginxPaste("rate.limited", 429, "limit_req_zone $binary_remote_addr zone=general:10m rate=1r/m;",
				"{fix} limit_req_status 429; server { listen {host}; limit_req zone=general; location / { proxy_pass http://app; } }")
			p.times = 1
			return p
		}()),
		named("nginx, a file at the path", func() pasted {
			p := nginxPaste("method.not-allowed", 405, "", "server { listen {host}; root {dir}/public; {fix} location = /index.php { proxy_pass http://app; } }")
			p.also["public/kometia/webhook"] = "un archivo"
			return p
		}()),
		named("nginx, PHP behind it", nginxPaste("route.not-found", 404, "", "server { listen {host}; root {dir}/public; {fix} location = /index.php { proxy_pass http://app; } }")),
		named("nginx, a path that is forbidden", nginxPaste("auth.forbidden", 403, "", "server { listen {host}; deny all; {fix} location / { proxy_pass http://app; } }")),
		named("nginx, a port without TLS", func() pasted {
			p := nginxPaste("tls.plain-http", 0, "listen {host};",
				"server { {fix} ssl_certificate {dir}/cert.pem; ssl_certificate_key {dir}/key.pem; location / { proxy_pass http://app; } }")
			p.secure, p.adapt = true, []string{"443", "{host}"}
			return p
		}()),
		named("nginx, a certificate that nobody trusts", func() pasted {
			p := nginxPaste("tls.untrusted", 0, "ssl_certificate {dir}/otro/cert.pem; ssl_certificate_key {dir}/otro/key.pem;",
				"server { listen {host} ssl; {fix} location / { proxy_pass http://app; } }")
			p.secure, p.adapt = true, []string{"/etc/letsencrypt/live/SITIO/fullchain.pem;", "{dir}/cert.pem; ssl_certificate_key {dir}/key.pem;"}
			return p
		}()),
		named("nginx, old versions of TLS", func() pasted {
			p := nginxPaste("tls.version", 0, "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;",
				"server { listen {host} ssl; {fix} ssl_certificate {dir}/cert.pem; ssl_certificate_key {dir}/key.pem; location / { proxy_pass http://app; } }")
			p.secure = true
			return p
		}()),
		lasting("Apache, a path that is forbidden", apachePaste("auth.forbidden", "Apache", 403, "", "<Location />\nRequire all denied\n</Location>\n{fix}")),
		lasting("Apache, a limit of size", apachePaste("body.too-large", "Apache", 413, "LimitRequestBody 100", "{fix}")),
		lasting("Apache, ModSecurity", func() pasted {
			p := apachePaste("waf.blocked", "Apache with", 406, "", `LoadModule security2_module /usr/lib/apache2/modules/mod_security2.so
SecRuleEngine On
SecRule REQUEST_METHOD "@streq POST" "id:1,phase:2,deny,status:406"
{fix}`)
			return p
		}()),
		lasting("Apache, a certificate that nobody trusts", func() pasted {
			p := apachePaste("tls.untrusted", "Apache", 0, "SSLCertificateFile {dir}/otro/cert.pem\nSSLCertificateKeyFile {dir}/otro/key.pem",
				"LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so\nSSLEngine on\n{fix}")
			p.secure, p.adapt = true, []string{"/etc/letsencrypt/live/SITIO/fullchain.pem", "{dir}/cert.pem\nSSLCertificateKeyFile {dir}/key.pem"}
			return p
		}()),
	}
}

// nginxPaste is an nginx in front of an application that takes everything.
func nginxPaste(code string, refuses int, before, http string) pasted {
	return pasted{
		needs: []string{"nginx-light"}, file: "s.conf", code: code, framework: "nginx", refuses: refuses, before: before,
		command: []string{"nginx", "-p", "{dir}", "-c", "{dir}/s.conf"},
		also:    map[string]string{"public/nada": ""},
		source: `daemon off; pid {dir}/pid; error_log {dir}/error.log; worker_processes 1;
events { worker_connections 32; }
http {
    access_log off; client_body_temp_path {dir}/1; proxy_temp_path {dir}/2; fastcgi_temp_path {dir}/3; uwsgi_temp_path {dir}/4; scgi_temp_path {dir}/5;
    upstream app { server unix:{dir}/app; }
    server { listen unix:{dir}/app; return 204; }
    ` + http + `
}
`,
	}
}

// apachePaste is an Apache with a CGI program that takes everything.
func apachePaste(code, label string, refuses int, before, config string) pasted {
	return pasted{
		program: "test -x /usr/sbin/apache2", file: "s.conf", code: code, framework: "apache", label: label, refuses: refuses, before: before,
		command: []string{"apache2", "-X", "-f", "{dir}/s.conf"},
		also:    map[string]string{"webhook": "#!/bin/sh\ncat >/dev/null\nprintf 'Status: 204 No Content\\n\\n'\n"},
		source: `ServerRoot {dir}
ServerName localhost
Listen {host}
PidFile {dir}/pid
ErrorLog {dir}/error.log
DocumentRoot {dir}
LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
LoadModule unique_id_module /usr/lib/apache2/modules/mod_unique_id.so
LoadModule cgi_module /usr/lib/apache2/modules/mod_cgi.so
ScriptAlias /kometia/ {dir}/
` + config + "\n",
	}
}
