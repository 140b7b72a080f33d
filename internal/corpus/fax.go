package corpus

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
)

const faxDPI = 150

// fax writes pages as one TIFF of several black and white images (TIFF 6.0, bilevel, Deflate), with the line that a machine
// prints on top and the noise of a bad line.
func fax(pages []page, banner string, c chance) []byte {
	out := bytes.NewBuffer([]byte{'I', 'I', 42, 0, 0, 0, 0, 0})
	link := 4 // where the offset of the next directory is to be written
	for i, marks := range pages {
		marks = append(marks[:len(marks):len(marks)], mark{kind: textMark, x: 12, y: 8, size: 8, color: black,
			text: fmt.Sprintf("%s    P.%03d/%03d", banner, i+1, len(pages))})
		strip, bounds := bilevel(paint(marks, faxDPI), c)
		at := out.Len()
		out.Write(strip)
		if out.Len()%2 == 1 {
			out.WriteByte(0)
		}
		binary.LittleEndian.PutUint32(out.Bytes()[link:], uint32(out.Len()))
		link = directory(out, bounds, at, len(strip), i, len(pages))
	}
	return out.Bytes()
}

// directory appends one image file directory and gives the place of its link to the next.
func directory(out *bytes.Buffer, b image.Rectangle, at, size, n, of int) int {
	const short, long, rational = 3, 4, 5
	entries := []struct{ tag, kind, count, value uint32 }{
		{254, long, 1, 2}, // one page of several
		{256, long, 1, uint32(b.Dx())}, {257, long, 1, uint32(b.Dy())},
		{258, short, 1, 1}, // bits a sample
		{259, short, 1, 8}, // Deflate
		{262, short, 1, 1}, // zero is black
		{273, long, 1, uint32(at)}, {277, short, 1, 1}, {278, long, 1, uint32(b.Dy())}, {279, long, 1, uint32(size)},
		{282, rational, 1, 0}, {283, rational, 1, 0}, {296, short, 1, 2},
		{297, short, 2, uint32(n) | uint32(of)<<16},
	}
	resolution := uint32(out.Len() + 2 + 12*len(entries) + 4)
	put := func(v any) { _ = binary.Write(out, binary.LittleEndian, v) } // a Buffer does not fail
	put(uint16(len(entries)))
	for _, e := range entries {
		if e.kind == rational {
			e.value = resolution
		}
		put(uint16(e.tag))
		put(uint16(e.kind))
		put([]uint32{e.count, e.value})
	}
	link := out.Len()
	put([]uint32{0, faxDPI, 1})
	return link
}

// bilevel reduces a page to bits, white being 1, with a few wrong ones.
func bilevel(img *image.RGBA, c chance) ([]byte, image.Rectangle) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	stride := (w + 7) / 8
	bits := make([]byte, stride*h)
	for y := range h {
		for x := range w {
			if img.Pix[y*img.Stride+x*4+1] > 150 {
				bits[y*stride+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	for range w * h / 9000 {
		bits[c.IntN(len(bits))] ^= 1 << c.IntN(8)
	}
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, err := z.Write(bits)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(fmt.Sprintf("corpus: compress a fax: %v", err))
	}
	return b.Bytes(), img.Rect
}
