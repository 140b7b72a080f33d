package signature

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
)

// document is a PDF with cross-reference tables, as its last revision shows it. Cross-reference streams and encryption are not
// read: package letter writes neither.
type document struct {
	raw     []byte
	offsets map[int]int // where each object in use stands
	trailer object      // of the last revision
	xref    int         // where the last table stands
}

const (
	largest   = 64 << 20 // bytes of a PDF
	revisions = 64
)

var tail = regexp.MustCompile(`startxref\n([0-9]{1,10})\n%%EOF\n?$`)

// load reads a PDF's tables. It must end with its last revision, and nothing behind it.
func load(raw []byte) (*document, error) {
	if len(raw) > largest || !bytes.HasPrefix(raw, []byte("%PDF-")) {
		return nil, fmt.Errorf("read a PDF of %d bytes: it is none, or too large", len(raw))
	}
	end := tail.FindSubmatch(raw[max(0, len(raw)-64):])
	if end == nil {
		return nil, fmt.Errorf("read a PDF: it does not end as one")
	}
	d := &document{raw: raw, offsets: map[int]int{}}
	d.xref, _ = strconv.Atoi(string(end[1]))
	at, seen := d.xref, map[int]bool{}
	for {
		if seen[at] || len(seen) == revisions || at <= 0 || at >= len(raw) {
			return nil, fmt.Errorf("read a PDF: its tables lead nowhere")
		}
		seen[at] = true
		trailer, err := d.table(at)
		if err != nil {
			return nil, err
		}
		if d.trailer.thing == 0 {
			d.trailer = trailer
		}
		before := trailer.get("Prev")
		if before.thing == 0 {
			break
		}
		if before.thing != integer || before.number >= at {
			return nil, fmt.Errorf("read a PDF: its tables lead forward")
		}
		at = before.number
	}
	if d.trailer.get("Root").thing != reference || d.size() <= 0 || d.trailer.get("Encrypt").thing != 0 {
		return nil, fmt.Errorf("read a PDF: its trailer is not of a kind known here")
	}
	return d, nil
}

func (d *document) size() int { return d.trailer.get("Size").number }

// table reads one table with its trailer (ISO 32000-1, 7.5.4); what a later table says of an object counts.
func (d *document) table(at int) (object, error) {
	r := &reader{raw: d.raw, at: at}
	if string(r.word()) != "xref" {
		return object{}, fmt.Errorf("read a PDF: there is no table at %d", at)
	}
	for {
		r.space()
		if r.starts("trailer") {
			r.at += len("trailer")
			trailer, err := r.object()
			if err == nil && (trailer.thing != dict || trailer.get("XRefStm").thing != 0) {
				err = errPDF
			}
			return trailer, err
		}
		first, err := strconv.Atoi(string(r.word()))
		r.space()
		count, err2 := strconv.Atoi(string(r.word()))
		if err != nil || err2 != nil || first < 0 || count < 0 || count > len(d.raw)/20 {
			return object{}, fmt.Errorf("read a PDF: the table at %d is broken", at)
		}
		r.space()
		for n := first; n < first+count; n++ {
			if r.at+20 > len(d.raw) {
				return object{}, fmt.Errorf("read a PDF: the table at %d is cut", at)
			}
			d.entry(n, d.raw[r.at:r.at+20])
			r.at += 20
		}
	}
}

var entry = regexp.MustCompile(`^([0-9]{10}) ([0-9]{5}) ([nf])(?: \n| \r|\r\n)$`)

func (d *document) entry(n int, line []byte) {
	if _, later := d.offsets[n]; later {
		return
	}
	found := entry.FindSubmatch(line)
	if found == nil || found[3][0] == 'f' || string(found[2]) != "00000" {
		d.offsets[n] = -1 // free, broken or of another generation: not there
		return
	}
	d.offsets[n], _ = strconv.Atoi(string(found[1]))
}

// resolve follows a reference; what is none is itself. The object of a broken reference has no kind.
func (d *document) resolve(o object) object {
	if o.thing != reference {
		return o
	}
	at, there := d.offsets[o.number]
	if !there || at <= 0 || at >= len(d.raw) {
		return object{}
	}
	r := &reader{raw: d.raw, at: at}
	number := r.word()
	r.space()
	generation := r.word()
	r.space()
	if string(number) != strconv.Itoa(o.number) || string(generation) != "0" || string(r.word()) != "obj" {
		return object{}
	}
	found, err := r.object()
	if err != nil || found.thing == reference {
		return object{}
	}
	return found
}

func (d *document) catalog() object { return d.resolve(d.trailer.get("Root")) }

// firstPage is the reference to the first page.
func (d *document) firstPage() (object, error) {
	at := d.catalog().get("Pages")
	for range deepest {
		node := d.resolve(at)
		if string(node.get("Type").text) == "Page" && at.thing == reference {
			return at, nil
		}
		kids := d.resolve(node.get("Kids"))
		if len(kids.items) == 0 {
			break
		}
		at = kids.items[0]
	}
	return object{}, fmt.Errorf("read a PDF: it has no page")
}

// fields are the dictionaries of the signature fields that are signed, in the order of the form, and the number of all fields.
func (d *document) fields() (signed []object, all int) {
	list := d.resolve(d.resolve(d.catalog().get("AcroForm")).get("Fields"))
	for _, item := range list.items {
		field := d.resolve(item)
		if string(field.get("FT").text) == "Sig" && field.get("V").thing != 0 {
			signed = append(signed, d.resolve(field.get("V")))
		}
	}
	return signed, len(list.items)
}

// with is the dictionary's text with one key set anew; the rest stays letter for letter.
func (d *document) with(o object, key, value string) string {
	raw := string(d.raw[o.from:o.to])
	if old := o.get(key); old.thing != 0 {
		return raw[:old.from-o.from] + value + raw[old.to-o.from:]
	}
	return raw[:len(raw)-2] + "/" + key + " " + value + ">>"
}

// list is the text of an array's items, without its brackets and with a space behind each.
func (d *document) list(o object) (s string) {
	for _, item := range o.items {
		s += string(d.raw[item.from:item.to]) + " "
	}
	return s
}
