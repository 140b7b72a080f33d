package letter

import (
	"bytes"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
)

// producer is who made the file, in its metadata.
const producer = "mijuan"

// xmp is the metadata stream. It says the same as the information dictionary, as PDF/A asks; conformance with PDF/A is not
// claimed, since nothing checks it.
const xmp = `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>%s</xmp:CreateDate><xmp:ModifyDate>%s</xmp:ModifyDate><pdf:Producer>%s</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`

func (s *sheet) describe(l Letter) {
	made := l.Made.UTC()
	s.pdf.SetCreationDate(made)
	s.pdf.SetModificationDate(made)
	s.pdf.SetProducer(producer, true)
	s.pdf.SetTitle(l.Title, true)
	s.pdf.SetAuthor(l.Author, true)
	s.pdf.SetLang("zh-CN")
	s.pdf.SetXmpMetadata(fmt.Appendf(nil, xmp, escaped(l.Title), escaped(l.Author), day(made), day(made), producer))
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
	return b.String()
}

// bytes ends the document and gives it an identity made of its content.
func (s *sheet) bytes(l Letter) ([]byte, error) {
	var b bytes.Buffer
	if err := s.pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("set the letter %s: %w", l.Reference, err)
	}
	raw := bytes.Replace(b.Bytes(), []byte("%PDF-1.3\n"), []byte("%PDF-1.7\n"), 1) // metadata streams are younger than 1.3
	at := bytes.LastIndex(raw, []byte("trailer\n<<\n"))
	if at < 0 {
		return nil, errors.New("set the letter: the PDF has no trailer")
	}
	at += len("trailer\n<<\n")
	id := sha256.Sum256(raw)
	// Nothing that the cross-reference table points to stands behind the trailer, so the line moves nothing.
	line := fmt.Appendf(nil, "/ID [<%x> <%x>]\n", id[:16], id[:16])
	return append(raw[:at:at], append(line, raw[at:]...)...), nil
}
