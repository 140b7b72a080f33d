package prose

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"

	"mijuan/internal/filetype"
)

var words = mime.WordDecoder{CharsetReader: func(charset string, r io.Reader) (io.Reader, error) {
	b, err := io.ReadAll(r)
	return strings.NewReader(filetype.GB18030.Decode(b)), err // the rest of the world writes UTF-8
}}

// letter reads a mail with what is attached to it.
func (r *reader) letter(src io.ReaderAt, size int64, depth int) {
	m, err := mail.ReadMessage(io.NewSectionReader(src, 0, size))
	if err != nil {
		r.whole = false
		return
	}
	if subject, err := words.DecodeHeader(m.Header.Get("Subject")); err == nil {
		r.give(subject)
	}
	r.body(textproto.MIMEHeader(m.Header), m.Body, depth)
}

// body reads a part: one of several, a letter, a text, or a file.
func (r *reader) body(h textproto.MIMEHeader, src io.Reader, depth int) {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if depth > deepest || r.err != nil {
		r.whole = false
		return
	}
	if strings.HasPrefix(kind, "multipart/") {
		r.parts(multipart.NewReader(src, params["boundary"]), depth)
		return
	}
	content := r.all(transferred(h.Get("Content-Transfer-Encoding"), src))
	switch kind {
	case "message/rfc822":
		r.letter(bytes.NewReader(content), int64(len(content)), depth+1)
	case "text/plain":
		r.give(string(decoded(content)))
	case "text/html":
		r.give(page(decoded(content)))
	default:
		t, err := filetype.DetectAt(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			r.whole = false
			return
		}
		r.text(t, bytes.NewReader(content), int64(len(content)), depth+1)
	}
}

func (r *reader) parts(m *multipart.Reader, depth int) {
	for {
		p, err := m.NextRawPart()
		if err != nil {
			r.whole = r.whole && err == io.EOF
			return
		}
		r.body(p.Header, p, depth+1)
	}
}

// transferred undoes what the way of mail asks for.
func transferred(encoding string, src io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, src)
	case "quoted-printable":
		return quotedprintable.NewReader(src)
	}
	return src
}
