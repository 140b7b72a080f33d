package signature

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// claim is what a signature says in its dictionary.
type claim struct {
	name, reason, place string
	at                  time.Time
	room                int // bytes for the CMS
}

// update is a PDF with one signature more, whose CMS is still nought.
type update struct {
	pdf  []byte
	from int // of the hexadecimal string with the CMS, brackets included
	to   int
}

// window is the part of the dictionary that tells what is signed, of one width for every PDF.
const window = "/ByteRange[0 %010d %010d %010d]"

// extend writes the one incremental update with which a signature is added to a PDF: the signature's dictionary, its field, the
// form, the first page and, the first time, the catalog. The same claim on the same PDF is the same bytes; so whoever reads such
// an update can tell that it does nothing else.
func extend(prev []byte, c claim) (*update, error) {
	d, err := load(prev)
	if err != nil {
		return nil, err
	}
	page, err := d.firstPage()
	if err != nil {
		return nil, err
	}
	u := &writer{d: d, b: bytes.NewBuffer(bytes.Clone(prev)), offsets: map[int]int{}}
	if prev[len(prev)-1] != '\n' {
		u.b.WriteByte('\n')
	}
	number := d.size()
	gap := u.signature(number, c)
	_, count := d.fields()
	u.object(number+1, fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature%d)/F 132/Rect[0 0 0 0]/P %d 0 R/V %d 0 R>>", count+1, page.number, number))
	if err := u.form(number); err != nil {
		return nil, err
	}
	if err := u.annotate(page, number+1); err != nil {
		return nil, err
	}
	u.trailer(c)
	out := &update{pdf: u.b.Bytes(), from: gap, to: gap + 2 + 2*c.room}
	at := bytes.LastIndex(out.pdf[:gap], []byte("/ByteRange["))
	copy(out.pdf[at:], fmt.Sprintf(window, out.from, out.to, len(out.pdf)-out.to))
	return out, nil
}

// writer writes an update.
type writer struct {
	d       *document
	b       *bytes.Buffer
	offsets map[int]int
	next    int // the number of objects after the update
}

func (u *writer) object(number int, text string) {
	u.offsets[number] = u.b.Len()
	u.next = max(u.next, number+1)
	fmt.Fprintf(u.b, "%d 0 obj\n%s\nendobj\n", number, text)
}

// signature writes the dictionary and tells where its Contents begin.
func (u *writer) signature(number int, c claim) int {
	var s strings.Builder
	s.WriteString("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached")
	for _, part := range []struct{ key, value string }{{"Name", c.name}, {"Reason", c.reason}, {"Location", c.place}} {
		if part.value != "" {
			s.WriteString("/" + part.key + utf16Hex(part.value))
		}
	}
	fmt.Fprintf(&s, "/M(%s)"+window+"/Contents", formatted(c.at), 0, 0, 0)
	gap := u.b.Len() + len(fmt.Sprintf("%d 0 obj\n", number)) + s.Len()
	u.object(number, s.String()+"<"+strings.Repeat("0", 2*c.room)+">>>")
	return gap
}

// formatted is a time as PDF writes it (ISO 32000-1, 7.9.4), to the second.
func formatted(t time.Time) string {
	s := t.Format("D:20060102150405-0700")
	return s[:len(s)-2] + "'" + s[len(s)-2:] + "'"
}

// readTime reads what formatted wrote.
func readTime(s string) (time.Time, error) {
	t, err := time.Parse("D:20060102150405-0700", strings.ReplaceAll(s, "'", ""))
	if err == nil && formatted(t) != s {
		err = errors.New("read a signature: its time is written otherwise")
	}
	return t, err
}

// form adds the field to the form, which is an object of its own afterwards.
func (u *writer) form(signature int) error {
	d := u.d
	field := fmt.Sprintf("%d 0 R", signature+1)
	entry := d.catalog().get("AcroForm")
	form := d.resolve(entry)
	if form.thing == 0 {
		u.object(signature+2, "<</Fields["+field+"]/SigFlags 3>>")
	} else {
		fields := d.resolve(form.get("Fields"))
		if form.thing != dict || fields.thing != array && fields.thing != 0 || form.get("XFA").thing != 0 {
			return errors.New("sign a PDF: its form is of a kind not known here")
		}
		text := d.with(form, "Fields", "["+d.list(fields)+field+"]")
		again, err := (&reader{raw: []byte(text)}).object()
		if err != nil {
			return err
		}
		text = (&document{raw: []byte(text)}).with(again, "SigFlags", "3")
		if entry.thing == reference {
			u.object(entry.number, text)
			return nil
		}
		u.object(signature+2, text)
	}
	u.object(d.trailer.get("Root").number, d.with(d.catalog(), "AcroForm", fmt.Sprintf("%d 0 R", signature+2)))
	return nil
}

// annotate puts the field, which nobody sees, on the first page.
func (u *writer) annotate(page object, field int) error {
	d := u.d
	node := d.resolve(page)
	annots := d.resolve(node.get("Annots"))
	if annots.thing != array && annots.thing != 0 {
		return errors.New("sign a PDF: its first page is broken")
	}
	u.object(page.number, d.with(node, "Annots", fmt.Sprintf("[%s%d 0 R]", d.list(annots), field)))
	return nil
}

// trailer writes the table of what the update holds, and the trailer.
func (u *writer) trailer(c claim) {
	at := u.b.Len()
	var numbers []int
	for n := range u.offsets {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	u.b.WriteString("xref\n")
	for i := 0; i < len(numbers); {
		run := 1
		for i+run < len(numbers) && numbers[i+run] == numbers[i]+run {
			run++
		}
		fmt.Fprintf(u.b, "%d %d\n", numbers[i], run)
		for _, n := range numbers[i : i+run] {
			fmt.Fprintf(u.b, "%010d 00000 n \n", u.offsets[n])
		}
		i += run
	}
	fmt.Fprintf(u.b, "trailer\n<</Size %d/Root %d 0 R%s%s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n",
		max(u.next, u.d.size()), u.d.trailer.get("Root").number, u.info(), u.identity(c), u.d.xref, at)
}

func (u *writer) info() string {
	if info := u.d.trailer.get("Info"); info.thing == reference {
		return fmt.Sprintf("/Info %d 0 R", info.number)
	}
	return ""
}

// identity keeps the first half of the file's identity and makes the second anew.
func (u *writer) identity(c claim) string {
	h := sha256.New()
	h.Write(u.d.raw)
	fmt.Fprintf(h, "%s|%s|%s|%s", c.name, c.reason, c.place, formatted(c.at))
	sum := h.Sum(nil)[:16]
	first := fmt.Sprintf("<%x>", sum)
	if id := u.d.trailer.get("ID"); len(id.items) == 2 && id.items[0].thing == hexText {
		first = string(u.d.raw[id.items[0].from:id.items[0].to])
	}
	return fmt.Sprintf("/ID[%s<%x>]", first, sum)
}
