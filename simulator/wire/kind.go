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
		ErrProxy:          {ES: "el proxy no abrió el camino", EN: "the proxy did not open the way"},
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

// Text says in a few words what was odd; the zero Text of a note that is none of
// ours.
func (n Note) Text() lang.Text {
	return map[Note]lang.Text{
		NoteBodyCut:        {ES: "el cuerpo de la respuesta llegó cortado", EN: "the response's body was cut short"},
		NoteBodyEndless:    {ES: "el cuerpo de la respuesta pasa de 1 MiB; se dejó de leer", EN: "the response's body is over 1 MiB; the rest was not read"},
		NoteBodySlow:       {ES: "el cuerpo de la respuesta no terminó a tiempo", EN: "the response's body did not end in time"},
		NoteBodyMalformed:  {ES: "el largo del cuerpo de la respuesta está mal dicho (Content-Length o chunked)", EN: "the length of the response's body is stated wrongly (Content-Length or chunked)"},
		NoteHeaderTooLarge: {ES: "la cabecera de la respuesta es demasiado grande", EN: "the response's header is too large"},
		NoteHeaderCut:      {ES: "la cabecera de la respuesta llegó cortada", EN: "the response's header was cut short"},
		NoteHeaderBad:      {ES: "una línea de la cabecera de la respuesta no es válida", EN: "a line of the response's header is malformed"},
		NoteHeaderSlow:     {ES: "la cabecera de la respuesta no terminó a tiempo", EN: "the response's header did not end in time"},
		NoteStatusLine:     {ES: "la línea de estado nombra un protocolo que no todos aceptan", EN: "the status line names a protocol that not everybody takes"},
		NoteEarly:          {ES: "contestó antes de recibir todo el cuerpo", EN: "answered before it had the whole body"},
		NoteBodyExtra:      {ES: "hay bytes después del final de la respuesta", EN: "there are bytes after the response's end"},
		NoteContinued:      {ES: "pidió el cuerpo con 100 Continue", EN: "asked for the body with 100 Continue"},
		NoteUnanswered:     {ES: "no contestó a Expect: 100-continue, y el cuerpo se mandó sin esperar más", EN: "did not answer Expect: 100-continue, and the body was sent without waiting longer"},
		NoteRefused:        {ES: "rechazó Expect con 417, y se mandó otra vez sin él", EN: "refused Expect with 417, and it was sent again without it"},
		NoteUnasked:        {ES: "en la conexión que se guardó llegó algo que nadie pidió, y se usó otra", EN: "something that nobody asked for came on the kept connection, and another was used"},
	}[n]
}
