package printer

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"

	"mijuan/internal/problem"
)

// Formats are the document formats that Set makes, the best first.
var Formats = []string{"application/pdf", "image/pwg-raster"}

// Page is one page as the JPEG image that is to be seen on paper.
type Page struct {
	JPEG []byte
	W, H int // pixels
}

// A sheet of A4 in points, and what printers cannot print at its edges.
const (
	sheetWide, sheetTall = 595.28, 841.89
	edge                 = 12.0
)

// Set makes a document of page images, one a sheet, in one of Formats. Images keep their pixels: a mark in them cannot be taken off.
func Set(format string, pages []Page) ([]byte, error) {
	switch {
	case len(pages) == 0:
		return nil, problem.New(problem.Invalid, "没有要打印的页")
	case format == "application/pdf":
		return setPDF(pages)
	case format == "image/pwg-raster":
		return setPWG(pages)
	}
	return nil, problem.New(problem.Conflict, "打印机不接受这种文件格式")
}

// setPDF writes a plain PDF 1.4: a page tree and an image a page, which stays the JPEG that it is.
func setPDF(pages []Page) ([]byte, error) {
	var b bytes.Buffer
	var offsets []int
	object := func(format string, args ...any) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n", len(offsets))
		fmt.Fprintf(&b, format, args...)
		b.WriteString("\nendobj\n")
	}
	stream := func(dict string, content []byte) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n<<%s/Length %d>>\nstream\n", len(offsets), dict, len(content))
		b.Write(content)
		b.WriteString("\nendstream\nendobj\n")
	}
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 3+3*i)
	}
	object("<</Type/Pages/Count %d/Kids[%s]>>", len(pages), kids)
	for i, p := range pages {
		space, err := colours(p)
		if err != nil {
			return nil, err
		}
		wide, tall := sheetWide, sheetTall
		if p.W > p.H {
			wide, tall = tall, wide
		}
		scale := min((wide-2*edge)/float64(p.W), (tall-2*edge)/float64(p.H))
		w, h := float64(p.W)*scale, float64(p.H)*scale
		object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Resources<</XObject<</P %d 0 R>>>>/Contents %d 0 R>>", wide, tall, 5+3*i, 4+3*i)
		stream("", fmt.Appendf(nil, "q %.3f 0 0 %.3f %.3f %.3f cm /P Do Q", w, h, (wide-w)/2, (tall-h)/2))
		stream(fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/%s/Filter/DCTDecode", p.W, p.H, space), p.JPEG)
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, at)
	return b.Bytes(), nil
}

func colours(p Page) (string, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(p.JPEG))
	if err != nil || c.Width != p.W || c.Height != p.H {
		return "", fmt.Errorf("printer: a page is no JPEG image of %d by %d: %w", p.W, p.H, err)
	}
	if c.ColorModel == color.GrayModel {
		return "DeviceGray", nil
	}
	return "DeviceRGB", nil
}

// setPWG writes PWG 5102.4 raster, grey, 200 dpi, A4: what every printer that prints without a driver has to take.
func setPWG(pages []Page) ([]byte, error) {
	const dpi, wide, tall = 200, 1654, 2339
	var b bytes.Buffer
	b.WriteString("RaS2")
	for _, p := range pages {
		picture, err := jpeg.Decode(bytes.NewReader(p.JPEG))
		if err != nil {
			return nil, fmt.Errorf("printer: a page is no JPEG image: %w", err)
		}
		sheet := onSheet(picture, wide, tall, edge*dpi/72)
		b.Write(pwgHeader(dpi, wide, tall, len(pages)))
		for y := 0; y < tall; {
			line, same := sheet[y*wide:(y+1)*wide], 1
			for y+same < tall && same < 256 && bytes.Equal(line, sheet[(y+same)*wide:(y+same+1)*wide]) {
				same++
			}
			b.WriteByte(byte(same - 1))
			packed(&b, line)
			y += same
		}
	}
	return b.Bytes(), nil
}

// onSheet draws a picture in grey, as large as fits inside the edges; a lying one is turned.
func onSheet(m image.Image, wide, tall int, edge float64) []byte {
	from := m.Bounds()
	w, h := from.Dx(), from.Dy()
	turned := w > h
	if turned {
		w, h = h, w
	}
	scale := min((float64(wide)-2*edge)/float64(w), (float64(tall)-2*edge)/float64(h))
	nw, nh := int(float64(w)*scale), int(float64(h)*scale)
	sheet := bytes.Repeat([]byte{255}, wide*tall)
	left, top := (wide-nw)/2, (tall-nh)/2
	for y := range nh {
		for x := range nw {
			sx, sy := x*w/nw, y*h/nh
			if turned {
				sx, sy = sy, w-1-sx
			}
			sheet[(top+y)*wide+left+x] = color.GrayModel.Convert(m.At(from.Min.X+sx, from.Min.Y+sy)).(color.Gray).Y
		}
	}
	return sheet
}

// pwgHeader is a page header of 1796 bytes (PWG 5102.4, 4.3).
func pwgHeader(dpi, wide, tall, pages int) []byte {
	h := make([]byte, 1796)
	copy(h, "PwgRaster")
	put := func(at int, v uint32) { binary.BigEndian.PutUint32(h[at:], v) }
	put(276, uint32(dpi))
	put(280, uint32(dpi))
	put(340, 1) // NumCopies
	put(352, 595)
	put(356, 842)
	put(372, uint32(wide))
	put(376, uint32(tall))
	put(384, 8) // bits per colour
	put(388, 8) // bits per pixel
	put(392, uint32(wide))
	put(400, 18) // sgray
	put(420, 1)  // colours
	put(452, uint32(pages))
	put(456, 1) // cross feed transform
	put(460, 1) // feed transform
	copy(h[1732:], "iso_a4_210x297mm")
	return h
}

// packed compresses a line: runs of one byte, or literal bytes.
func packed(b *bytes.Buffer, line []byte) {
	for i := 0; i < len(line); {
		run := 1
		for i+run < len(line) && run < 128 && line[i+run] == line[i] {
			run++
		}
		if run > 1 || i+1 == len(line) {
			b.WriteByte(byte(run - 1))
			b.WriteByte(line[i])
			i += run
			continue
		}
		n := 1
		for i+n < len(line) && n < 128 && (i+n+1 >= len(line) || line[i+n] != line[i+n+1]) {
			n++
		}
		if n == 1 {
			b.WriteByte(0)
			b.WriteByte(line[i])
		} else {
			b.WriteByte(byte(257 - n))
			b.Write(line[i : i+n])
		}
		i += n
	}
}
