package practice

import "github.com/kometia-sim/kometia-sim/schemas/lang"

// The pages are as the frameworks answer a POST without a token, cut down to
// what tells them apart.
const (
	laravelExpired = `<!DOCTYPE html>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Page Expired</title>
    </head>
    <body class="antialiased">
        <div class="code">419</div>
        <div class="message">Page Expired</div>
    </body>
</html>
`
	djangoForbidden = `<!DOCTYPE html>
<html lang="en">
<head>
  <meta http-equiv="content-type" content="text/html; charset=utf-8">
  <meta name="robots" content="NONE,NOARCHIVE">
  <title>403 Forbidden</title>
</head>
<body>
<div id="summary">
  <h1>Forbidden <span>(403)</span></h1>
  <p>CSRF verification failed. Request aborted.</p>
</div>
</body>
</html>
`
)

// csrfFlaws did not take the route out of the CSRF protection (guide,
// "Recibiendo Webhooks con un servidor protegido con CSRF").
func csrfFlaws() []flaw {
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "csrf",
				Title: lang.Text{ES: "pide un token CSRF, como Laravel: 419", EN: "asks for a CSRF token, as Laravel does: 419"},
				Fails: []string{"KOM-CSR-001"},
			},
			wrap: instead(answer{status: 419, body: laravelExpired, header: map[string]string{
				"Content-Type":  "text/html; charset=UTF-8",
				"Cache-Control": "no-cache, private",
				"Set-Cookie":    "laravel_session=eyJpdiI6InByYWN0aWNlIn0%3D; Path=/; HttpOnly; SameSite=Lax",
			}}),
		},
		{
			Flaw: Flaw{
				Name:  "csrf-django",
				Title: lang.Text{ES: "pide un token CSRF, como Django: 403", EN: "asks for a CSRF token, as Django does: 403"},
				Fails: []string{"KOM-CSR-001"},
			},
			wrap: instead(answer{status: 403, body: djangoForbidden, header: map[string]string{
				"Content-Type":    "text/html",
				"Referrer-Policy": "same-origin",
			}}),
		},
	}
}
