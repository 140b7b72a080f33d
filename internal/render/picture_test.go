package render

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"strings"
	"testing"

	"golang.org/x/image/tiff"

	"mijuan/internal/filetype"
	"mijuan/internal/problem"
)

// ifd is a TIFF directory by hand: tag, type, values.
type ifd []struct {
	tag    uint16
	values []uint32
}

// tiffFile writes pages of given directories (little endian, all values long) and data, to which tag 273 points.
func tiffFile(pages []ifd, data [][][]byte) []byte {
	b := []byte("II*\x00\x00\x00\x00\x00")
	link := 4
	for i, d := range pages {
		var offsets, sizes []uint32
		for _, strip := range data[i] {
			offsets, sizes = append(offsets, uint32(len(b))), append(sizes, uint32(len(strip)))
			b = append(b, strip...)
		}
		for k := range d {
			switch d[k].tag {
			case tagStripOffsets:
				d[k].values = offsets
			case tagStripSizes:
				d[k].values = sizes
			}
		}
		b, link = appendIFD(b, d, link)
	}
	return b
}

func appendIFD(b []byte, d ifd, link int) ([]byte, int) {
	le := binary.LittleEndian
	if len(b)%2 == 1 {
		b = append(b, 0)
	}
	le.PutUint32(b[link:], uint32(len(b)))
	at := len(b)
	b = append(b, make([]byte, 2+12*len(d)+4)...)
	le.PutUint16(b[at:], uint16(len(d)))
	for k, e := range d {
		field := at + 2 + 12*k
		le.PutUint16(b[field:], e.tag)
		le.PutUint16(b[field+2:], 4)
		le.PutUint32(b[field+4:], uint32(len(e.values)))
		if len(e.values) == 1 {
			le.PutUint32(b[field+8:], e.values[0])
			continue
		}
		le.PutUint32(b[field+8:], uint32(len(b)))
		for _, v := range e.values {
			b = le.AppendUint32(b, v)
		}
	}
	return b, at + 2 + 12*len(d)
}

func directory(w, h, bits, compression, photometric, samples, rows uint32) ifd {
	return ifd{{tagWidth, []uint32{w}}, {tagHeight, []uint32{h}}, {tagBits, []uint32{bits}}, {tagCompression, []uint32{compression}}, {tagPhotometric, []uint32{photometric}},
		{tagStripOffsets, nil}, {tagSamples, []uint32{samples}}, {tagRowsPerStrip, []uint32{rows}}, {tagStripSizes, nil}}
}

// multiTIFF has pages whose top is so many sixteenths black.
func multiTIFF(t testing.TB, pages int) []byte {
	t.Helper()
	var dirs []ifd
	var data [][][]byte
	for n := range pages {
		strip := bytes.Repeat([]byte{255}, 64*64)
		clear(strip[:64*4*(n+1)])
		dirs, data = append(dirs, directory(64, 64, 8, 1, 1, 1, 64)), append(data, [][]byte{strip})
	}
	return tiffFile(dirs, data)
}

func TestPictures(t *testing.T) {
	p := realPool(t)
	grey := image.NewGray(image.Rect(0, 0, 300, 400))
	for i := range grey.Pix {
		grey.Pix[i] = byte(255 - i/800)
	}
	seal := photo(400, 300)
	palette := image.NewPaletted(image.Rect(0, 0, 50, 50), color.Palette{color.White, color.RGBA{200, 0, 0, 255}})
	for i := range palette.Pix {
		palette.Pix[i] = byte(i % 2)
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 40, 40)) // all transparent: white
	for name, c := range map[string]struct {
		t      filetype.Type
		body   []byte
		colour bool
		w, h   int
	}{
		"grey jpeg":     {filetype.JPEG, asJPEG(t, grey), false, 300, 400},
		"colour jpeg":   {filetype.JPEG, asJPEG(t, seal), true, 400, 300},
		"grey png":      {filetype.PNG, asPNG(t, grey), false, 300, 400},
		"colour png":    {filetype.PNG, asPNG(t, seal), true, 400, 300},
		"palette png":   {filetype.PNG, asPNG(t, palette), true, 50, 50},
		"clear png":     {filetype.PNG, asPNG(t, clear), false, 40, 40},
		"16 bit png":    {filetype.PNG, asPNG(t, image.NewGray16(image.Rect(0, 0, 9, 5))), false, 9, 5},
		"colour tiff":   {filetype.TIFF, asTIFF(t, seal), true, 400, 300},
		"one pixel png": {filetype.PNG, asPNG(t, image.NewGray(image.Rect(0, 0, 1, 1))), false, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := docOf(name, c.t, c.body)
			if i, err := p.Inspect(t.Context(), d); err != nil || i.Pages != 1 || i.Type != c.t {
				t.Fatalf("%+v, %v", i, err)
			}
			for _, width := range []int{160, 320, 1075} {
				img, err := p.Page(t.Context(), d, 1, Spec{Width: width, Mark: some()})
				if err != nil || img.W != width || max(img.H-width*c.h/c.w, width*c.h/c.w-img.H) > 1 {
					t.Fatalf("at width %d: %d×%d, %v", width, img.W, img.H, err)
				}
				if r := decode(t, img); (r.cb != nil) != c.colour {
					t.Errorf("at width %d: colour %v", width, r.cb != nil)
				}
			}
		})
	}
}

func asTIFF(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := tiff.Encode(&b, m, &tiff.Options{Compression: tiff.Deflate}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestTransparentIsWhite: nothing in a picture's clear parts turns dark.
func TestTransparentIsWhite(t *testing.T) {
	r := shrinkImage(image.NewNRGBA(image.Rect(0, 0, 40, 40)), 20, 20)
	if r.y[0] != 255 || r.cb != nil {
		t.Errorf("clear becomes %d", r.y[0])
	}
}

func TestMultiPageTIFF(t *testing.T) {
	p := realPool(t)
	d := docOf("multi", filetype.TIFF, multiTIFF(t, 5))
	if i, err := p.Inspect(t.Context(), d); err != nil || i.Pages != 5 {
		t.Fatalf("%+v, %v", i, err)
	}
	for n := 5; n >= 1; n-- {
		r := decoded(t, p, d, n, some())
		edge := 1000 * n / 16
		if above, below := ink(r, 0, 0, 600, edge-8), ink(r, 0, edge+12, 600, 940); above < r.w*6/10*r.h*(edge-12)/1000*9/10 || below != 0 {
			t.Errorf("page %d: %d dark pixels above the edge, %d below", n, above, below)
		}
	}
	_, err := p.Page(t.Context(), d, 6, Spec{Width: 100, Mark: some()})
	says(t, err, problem.Invalid, "全文共 5 页")
}

// TestJPEGInTIFF reads a page of three strips that share their tables, as scanners write it.
func TestJPEGInTIFF(t *testing.T) {
	m := photo(160, 120)
	var strips [][]byte
	var tables []uint32
	for y := 0; y < 120; y += 48 {
		s, tab := splitTables(t, asJPEG(t, m.SubImage(image.Rect(0, y, 160, min(y+48, 120)))))
		strips, tables = append(strips, s), tab
	}
	d := append(directory(160, 120, 8, compressionJPEG, 6, 3, 48), struct {
		tag    uint16
		values []uint32
	}{tagJPEGTables, tables})
	body := tiffFile([]ifd{d}, [][][]byte{strips})
	body = bytesTable(body, tagJPEGTables)
	a, err := openAlbum(sourceOf(body))
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.draw(0, 80, 60)
	if err != nil {
		t.Fatal(err)
	}
	want := shrinkImage(m, 80, 60)
	for i := range want.y {
		if d := int(want.y[i]) - int(got.y[i]); d > 8 || d < -8 {
			t.Fatalf("pixel %d: %d, not %d", i, got.y[i], want.y[i])
		}
	}
}

// splitTables takes the tables out of a JPEG file and makes a table-only file of them, as TIFF keeps them.
func splitTables(t *testing.T, b []byte) (strip []byte, tables []uint32) {
	t.Helper()
	strip, table := []byte{0xff, 0xd8}, []byte{0xff, 0xd8}
	for at := 2; ; {
		size := 2 + int(binary.BigEndian.Uint16(b[at+2:]))
		switch b[at+1] {
		case 0xdb, 0xc4:
			table = append(table, b[at:at+size]...)
		case 0xda:
			for _, v := range append(table, 0xff, 0xd9) {
				tables = append(tables, uint32(v))
			}
			return append(strip, b[at:]...), tables
		default:
			strip = append(strip, b[at:at+size]...)
		}
		at += size
	}
}

// bytesTable turns the values of a tag, written as longs, into bytes.
func bytesTable(b []byte, tag uint16) []byte {
	le := binary.LittleEndian
	at := int(le.Uint32(b[4:]))
	for k := range int(le.Uint16(b[at:])) {
		e := b[at+2+12*k:]
		if le.Uint16(e) != tag {
			continue
		}
		le.PutUint16(e[2:], 7)
		n, from := int(le.Uint32(e[4:])), int(le.Uint32(e[8:]))
		for i := range n {
			b[from+i] = b[from+4*i]
		}
	}
	return b
}

func sourceOf(b []byte) *source {
	return newSource(int64(len(b)), func(off int64, n int) ([]byte, error) { return b[off : off+int64(n)], nil })
}

// TestOrientation: each of the eight ways in which cameras store a picture comes out upright.
func TestOrientation(t *testing.T) {
	upright := image.NewGray(image.Rect(0, 0, 32, 48))
	for i := range upright.Pix {
		if upright.Pix[i] = 255; i%32 < 8 && i/32 < 16 { // a dark corner at the top left
			upright.Pix[i] = 0
		}
	}
	for o := 1; o <= 8; o++ {
		w, h := 32, 48
		if o > 4 {
			w, h = h, w
		}
		stored := image.NewGray(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				to := turned(image.Pt(x, y), w, h, o)
				if o == 1 {
					to = image.Pt(x, y)
				}
				stored.SetGray(x, y, upright.GrayAt(to.X, to.Y))
			}
		}
		p, err := openPicture(sourceOf(withEXIF(asJPEG(t, stored), o)), filetype.JPEG)
		if err != nil {
			t.Fatal(err)
		}
		if p.w != 32 || p.h != 48 || p.orientation != o {
			t.Errorf("orientation %d: %d×%d, %d", o, p.w, p.h, p.orientation)
		}
		r, err := p.draw(0, 32, 48)
		if err != nil {
			t.Fatal(err)
		}
		if r.y[2*32+2] > 60 || r.y[2*32+28] < 200 || r.y[44*32+2] < 200 {
			t.Errorf("orientation %d: corners %d %d %d", o, r.y[2*32+2], r.y[2*32+28], r.y[44*32+2])
		}
	}
}

func withEXIF(b []byte, orientation int) []byte {
	exif := append([]byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00"), byte(orientation), 0, 0, 0, 0, 0, 0, 0)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(exif)+2))
	return append(append(head, exif...), b[2:]...)
}

// hugePNG is a PNG of the size whose header is all there is.
func hugePNG(w, h uint32) []byte {
	chunk := func(name string, body []byte) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
		b = append(append(b, name...), body...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return append([]byte("\x89PNG\r\n\x1a\n"), append(chunk("IHDR", append(head, 8, 2, 0, 0, 0)), chunk("IDAT", []byte{0x78, 0x9c, 1, 2, 3})...)...)
}

// TestTooLarge: the size is known before a pixel is decoded.
func TestTooLarge(t *testing.T) {
	p := realPool(t)
	big := asJPEG(t, image.NewGray(image.Rect(0, 0, 8, 8)))
	at := bytes.Index(big, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(big[at+5:], 60_000)
	binary.BigEndian.PutUint16(big[at+7:], 60_000)
	for name, d := range map[string]Doc{
		"png":  docOf("huge png", filetype.PNG, hugePNG(60_000, 60_000)),
		"jpeg": docOf("huge jpeg", filetype.JPEG, big),
		"tiff": docOf("huge tiff", filetype.TIFF, tiffFile([]ifd{directory(60_000, 60_000, 8, 1, 1, 1, 1)}, [][][]byte{{{0}}})),
	} {
		_, err := p.Page(t.Context(), d, 1, Spec{Width: 300, Mark: some()})
		says(t, err, problem.TooLarge, "60000×60000 像素")
		if name != "tiff" { // of a TIFF file other pages may be shown
			_, err = p.Inspect(t.Context(), d)
			says(t, err, problem.TooLarge, "60000×60000 像素")
		}
	}
}

// TestLargeScan: a page at 600 dpi is shown, as large as a viewer may ask.
func TestLargeScan(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 4960, 7016))
	for i := range m.Pix {
		m.Pix[i] = byte(200 + i%40)
	}
	p := realPool(t)
	img, err := p.Page(t.Context(), docOf("scan", filetype.JPEG, asJPEG(t, m)), 1, Spec{Width: 2150, Mark: some()})
	if err != nil || img.W != 2150 || img.H != 3041 {
		t.Errorf("%d×%d, %v", img.W, img.H, err)
	}
}

func TestBrokenPictures(t *testing.T) {
	p := realPool(t)
	whole := map[filetype.Type][]byte{filetype.JPEG: asJPEG(t, photo(200, 200)), filetype.PNG: asPNG(t, photo(200, 200)), filetype.TIFF: asTIFF(t, photo(200, 200))}
	for ty, b := range whole {
		for _, cut := range []int{1, 4, 20, 60, len(b) / 2} {
			d := docOf(fmt.Sprint("cut ", ty.Code, cut), ty, b[:cut])
			if _, err := p.Page(t.Context(), d, 1, Spec{Width: 300, Mark: some()}); problem.KindOf(err) != problem.Invalid {
				t.Errorf("%s cut at %d: %v", ty.Code, cut, err)
			}
		}
	}
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"big tiff":       {[]byte("II+\x00\x08\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00"), "不支持"},
		"lone loop":      {[]byte("II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00"), "已损坏"},
		"odd values":     {tiffFile([]ifd{directory(8, 8, 99, 1, 1, 1, 8)}, [][][]byte{{make([]byte, 64)}}), ""},
		"no width":       {tiffFile([]ifd{directory(0, 8, 8, 1, 1, 1, 8)}, [][][]byte{{make([]byte, 64)}}), "已损坏"},
		"strips missing": {tiffFile([]ifd{directory(8, 800, 8, compressionJPEG, 1, 1, 8)}, [][][]byte{{asJPEG(t, image.NewGray(image.Rect(0, 0, 8, 8)))}}), "已损坏"},
	} {
		_, err := p.Page(t.Context(), docOf(name, filetype.TIFF, c.body), 1, Spec{Width: 300, Mark: some()})
		if problem.KindOf(err) != problem.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
