package receivers_test

// goPastes are what the table prints for Go.
func goPastes() []pasted {
	return []pasted{
		named("gorilla/csrf", goProgram("gorilla/csrf", 403, `import (
	"net/http"
	"os"

	"github.com/gorilla/csrf"
)

func main() {
	key, router := make([]byte, 32), http.NewServeMux()
	webhook := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }
	{fix}
	_ = http.ListenAndServe(os.Args[1], nil)
	_ = webhook
}
`, `http.Handle("/", csrf.Protect(key)(router))`)),
		named("Echo", goProgram("Echo", 400, `import (
	"os"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

func main() {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	{fix}
	e.POST("/kometia/webhook", func(c echo.Context) error { return c.NoContent(204) })
	_ = e.Start(os.Args[1])
}
`, "e.Use(middleware.CSRF())")),
		named("Fiber", goProgram("Fiber", 403, `import (
	"os"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/csrf"
)

func main() {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	webhook := func(c *fiber.Ctx) error { return c.SendStatus(204) }
	{fix}
	_ = app.Listen(os.Args[1])
}
`, "app.Use(csrf.New())\n\tapp.Post(\"/kometia/webhook\", webhook)")),
		lasting("Go, a route", plainGo("route.not-found", 404, "", `_ = webhook
	{fix}`)),
		lasting("Go, a limit", plainGo("body.too-large", 413, "r.Body = http.MaxBytesReader(w, r.Body, 100)", `mux.HandleFunc("POST /kometia/webhook", func(w http.ResponseWriter, r *http.Request) {
		{fix}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		webhook(w, r)
	})`)),
	}
}

// goProgram is a program of Go with the modules of testdata/go.
func goProgram(label string, refuses int, source, before string) pasted {
	return pasted{
		from: "receivers/testdata/go", file: "main.go", code: "csrf.generic", framework: "go", label: label, refuses: refuses, before: before,
		build: []string{"go", "build", "-o", "receptor", "."}, command: []string{"./receptor", "{host}"},
		source: "package main\n\n" + source,
	}
}

// plainGo is a program of Go's own router.
func plainGo(code string, refuses int, before, routes string) pasted {
	p := goProgram("Go", refuses, `import (
	"io"
	"net/http"
	"os"
)

func main() {
	mux, webhook := http.NewServeMux(), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }
	`+routes+`
	_ = http.ListenAndServe(os.Args[1], mux)
	_ = io.Discard
}
`, before)
	p.code = code
	return p
}
