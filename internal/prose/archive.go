package prose

import (
	"archive/zip"
	"encoding/xml"
	"io"
	"path"
	"strings"
)

// ends are the elements, by local name, behind which another line begins: paragraphs, cells and rows of the office formats.
var ends = map[string]bool{"p": true, "h": true, "br": true, "si": true, "is": true, "c": true, "row": true, "tab": true, "TextObject": true}

// archive reads a document that is an archive of XML files: Office Open XML, OpenDocument, OFD.
func (r *reader) archive(src io.ReaderAt, size int64, _ int) {
	z, err := zip.NewReader(src, size)
	if err != nil {
		r.whole = false
		return
	}
	for _, file := range z.File {
		switch {
		case r.err != nil:
			return
		case strings.HasSuffix(file.Name, "/") || path.Ext(file.Name) == ".rels":
		case path.Ext(file.Name) == ".xml":
			r.part(file)
		case strings.Contains(strings.ToLower(path.Dir(file.Name)), "thumbnail"):
		default: // a picture, a font, something embedded
			r.whole = false
		}
	}
}

func (r *reader) part(file *zip.File) {
	f, err := file.Open()
	if err != nil {
		r.whole = false
		return
	}
	defer f.Close()
	bounded := &io.LimitedReader{R: f, N: r.left}
	defer func() { r.left = bounded.N }()
	d := xml.NewDecoder(bounded)
	d.Strict = false
	var text strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			r.whole = r.whole && err == io.EOF && bounded.N > 0
			break
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			if ends[t.Name.Local] {
				text.WriteByte('\n')
			}
		}
	}
	r.give(text.String())
}
