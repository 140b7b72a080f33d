package filetype

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"testing"
	"unicode/utf16"

	"golang.org/x/image/tiff"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// archive writes a ZIP file of the entries; a body of a million bytes pushes its directory out of the head.
func archive(t testing.TB, bodySize int, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, n := range names {
		f, err := w.CreateHeader(&zip.FileHeader{Name: n, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		body := []byte("content")
		if i == 0 && bodySize > 0 {
			body = bytes.Repeat([]byte{7, 99, 201, 3}, bodySize/4)
		}
		if _, err := f.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// declaration writes an archive whose first entry is a stored "mimetype".
func declaration(t testing.TB, mime string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateRaw(&zip.FileHeader{Name: "mimetype", Method: zip.Store, UncompressedSize64: uint64(len(mime)), CompressedSize64: uint64(len(mime))})
	if err == nil {
		_, err = f.Write([]byte(mime))
	}
	if err != nil {
		t.Fatal(err)
	}
	if f, err = w.Create("content.xml"); err == nil {
		_, err = f.Write(bytes.Repeat([]byte("x"), 200))
	}
	if err != nil || w.Close() != nil {
		t.Fatal("the archive could not be written")
	}
	return b.Bytes()
}

// compoundFile writes a compound file with the streams; its directory begins at sector dir and runs over as many as it needs.
func compoundFile(dir int, streams ...string) []byte {
	names := append([]string{"Root Entry"}, streams...)
	sectors := (len(names) + 3) / 4
	b := make([]byte, 512*(1+dir+sectors))
	copy(b, oleMagic)
	binary.LittleEndian.PutUint16(b[30:], 9)
	binary.LittleEndian.PutUint32(b[48:], uint32(dir))
	for i := range 109 {
		binary.LittleEndian.PutUint32(b[76+4*i:], 0xffffffff)
	}
	for i := 0; i*128 < dir+sectors; i++ { // the allocation table stands in the first sectors
		binary.LittleEndian.PutUint32(b[76+4*i:], uint32(i))
	}
	for s := dir; s < dir+sectors; s++ {
		next := uint32(s + 1)
		if s == dir+sectors-1 {
			next = oleEndOfChain
		}
		binary.LittleEndian.PutUint32(b[512+4*s:], next)
	}
	for i, n := range names {
		e := b[512*(1+dir)+oleEntry*i:]
		u := utf16.Encode([]rune(n))
		for k, c := range u {
			binary.LittleEndian.PutUint16(e[2*k:], c)
		}
		binary.LittleEndian.PutUint16(e[64:], uint16(2*len(u)+2))
	}
	return b
}

func picture(t testing.TB, encode func(*bytes.Buffer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, image.NewGray(image.Rect(0, 0, 9, 7))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegFile(t testing.TB) []byte {
	return picture(t, func(b *bytes.Buffer, m image.Image) error { return jpeg.Encode(b, m, nil) })
}

func pngFile(t testing.TB) []byte {
	return picture(t, func(b *bytes.Buffer, m image.Image) error { return png.Encode(b, m) })
}

func tiffFile(t testing.TB) []byte {
	return picture(t, func(b *bytes.Buffer, m image.Image) error { return tiff.Encode(b, m, nil) })
}

const complaint = "民事起诉状\n原告：某公司，住所地某市某区。\n诉讼请求：一、判令被告支付货款 128,000 元；二、本案诉讼费用由被告承担。\n"

func gb(t testing.TB, s string) []byte {
	t.Helper()
	b, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func wide(order binary.AppendByteOrder, mark bool, s string) (b []byte) {
	if mark {
		b = order.AppendUint16(b, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return b
}
