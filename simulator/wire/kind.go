package wire

import "github.com/kometia-sim/kometia-sim/schemas/lang"

// Text says in a few words why there was no answer; the zero Text of a kind that
// is none of ours.
func (k ErrorKind) Text() lang.Text {
	return map[ErrorKind]lang.Text{
		ErrDNS:            {ES: "el nombre no existe en el DNS", EN: "the name is not in the DNS"},
		ErrConnectRefused: {ES: "conexión rechazada", EN: "connection refused"},
		ErrConnectTimeout: {ES: "la conexión no se abrió a tiempo", EN: "the connection did not open in time"},
		ErrConnect:        {ES: "no se pudo conectar", EN: "could not connect"},
		ErrReset:          {ES: "el servidor cortó la conexión", EN: "the server reset the connection"},
		ErrClosed:         {ES: "el servidor cerró la conexión sin responder", EN: "the server closed the connection without a response"},
		ErrTimeout:        {ES: "no respondió a tiempo", EN: "no response in time"},
		ErrNotHTTP:        {ES: "respondió algo que no es HTTP", EN: "the response is not HTTP"},
		ErrTLSUntrusted:   {ES: "TLS: certificado sin cadena de confianza", EN: "TLS: certificate is not trusted"},
		ErrTLSExpired:     {ES: "TLS: certificado vencido", EN: "TLS: certificate has expired"},
		ErrTLSHostname:    {ES: "TLS: el certificado es de otro nombre", EN: "TLS: certificate is for another name"},
		ErrTLSPlainHTTP:   {ES: "TLS: ese puerto habla HTTP sin cifrar", EN: "TLS: that port speaks plain HTTP"},
		ErrTLSVersion:     {ES: "TLS: versión demasiado antigua", EN: "TLS: version too old"},
		ErrTLS:            {ES: "TLS: la negociación falló", EN: "TLS: the handshake failed"},
		ErrCanceled:       {ES: "interrumpido", EN: "interrupted"},
		ErrEndless1xx:     {ES: "respuestas 1xx sin fin", EN: "endless 1xx responses"},
		ErrMalformed:      {ES: "una respuesta mal formada", EN: "malformed response"},
		ErrHungUp:         {ES: "cerramos la conexión antes de la respuesta", EN: "we closed the connection before a response"},
		ErrLocal:          {ES: "esta computadora llegó a un límite suyo", EN: "this computer has reached a limit of its own"},
		ErrConsent:        {ES: "no se envía sin permiso", EN: "not sent without consent"},
		ErrRequest:        {ES: "la petición no se puede enviar", EN: "the request cannot be sent"},
	}[k]
}

// Text is the error in both languages, without its kind.
func (e *Error) Text() lang.Text {
	if e.Err == nil || e.Err.Error() == "" {
		return e.Kind.Text()
	}
	return lang.Both(e.Err)
}
