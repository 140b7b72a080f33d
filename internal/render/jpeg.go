package render

import (
	"encoding/binary"
	"math/bits"
)

// encoder writes baseline JPEG (ITU-T T.81) of rasters, grey or 4:2:0, with the standard's example Huffman tables. The standard
// library's encoder does the same at half the speed: it divides where this one multiplies, and transforms blocks of one tone.
type encoder struct {
	out   []byte
	bits  uint64 // not yet written, left-aligned in n bits
	n     uint
	quant [2][64]byte  // luma, chroma; zigzag order
	recip [2][64]int32 // 2^16 / (8·quant) in natural order
	codes [4][256]code // DC luma, AC luma, DC chroma, AC chroma
}

type code struct {
	bits uint16
	n    uint8
}

// newEncoder prepares the tables for a quality of 1–100.
func newEncoder(quality int) *encoder {
	e := &encoder{}
	scale := 200 - 2*quality
	if quality < 50 {
		scale = 5000 / quality
	}
	for t, base := range baseQuant {
		for z, b := range base {
			q := min(max((int(b)*scale+50)/100, 1), 255)
			e.quant[t][z] = byte(q)
			e.recip[t][zigzag[z]] = int32((1<<16 + 4*q) / (8 * q))
		}
	}
	for t, spec := range huffman {
		e.codes[t] = spec.codes()
	}
	return e
}

func (s huffmanSpec) codes() (table [256]code) {
	next, k := uint16(0), 0
	for length, count := range s.counts {
		for range count {
			table[s.values[k]] = code{next, uint8(length + 1)}
			next, k = next+1, k+1
		}
		next <<= 1
	}
	return table
}

// encode gives the JPEG file. The result is valid until the next call.
func (e *encoder) encode(r *raster) []byte {
	e.out, e.bits, e.n = e.out[:0], 0, 0
	e.header(r)
	if r.cb == nil {
		e.grey(r)
	} else {
		e.colour(r)
	}
	e.finish()
	return e.out
}

func (e *encoder) segment(marker byte, payload ...byte) {
	e.out = append(e.out, 0xff, marker)
	e.out = binary.BigEndian.AppendUint16(e.out, uint16(len(payload)+2))
	e.out = append(e.out, payload...)
}

func (e *encoder) header(r *raster) {
	e.out = append(e.out, 0xff, 0xd8)
	e.segment(0xe0, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0)
	size := []byte{8, byte(r.h >> 8), byte(r.h), byte(r.w >> 8), byte(r.w)}
	tables, frame, scan := 1, append(size, 1, 1, 0x11, 0), []byte{1, 1, 0x00, 0, 63, 0}
	if r.cb != nil {
		tables, frame, scan = 2, append(size, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1), []byte{3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0}
	}
	for t := range tables {
		e.segment(0xdb, append([]byte{byte(t)}, e.quant[t][:]...)...)
	}
	e.segment(0xc0, frame...)
	for t := range 2 * tables {
		spec := huffman[t]
		e.segment(0xc4, append(append([]byte{byte(t&1)<<4 | byte(t>>1)}, spec.counts[:]...), spec.values...)...)
	}
	e.segment(0xda, scan...)
}

func (e *encoder) grey(r *raster) {
	var b [64]int32
	dc := int32(0)
	for y := 0; y < r.h; y += 8 {
		for x := 0; x < r.w; x += 8 {
			flat := load(&b, r.y, r.w, r.h, x, y)
			dc = e.block(&b, flat, 0, dc)
		}
	}
}

func (e *encoder) colour(r *raster) {
	var b [64]int32
	var dc, dcb, dcr int32
	hw, hh := r.halfW(), r.halfH()
	for y := 0; y < r.h; y += 16 {
		for x := 0; x < r.w; x += 16 {
			for i := range 4 {
				flat := load(&b, r.y, r.w, r.h, x+8*(i&1), y+8*(i>>1))
				dc = e.block(&b, flat, 0, dc)
			}
			dcb = e.block(&b, load(&b, r.cb, hw, hh, x/2, y/2), 1, dcb)
			dcr = e.block(&b, load(&b, r.cr, hw, hh, x/2, y/2), 1, dcr)
		}
	}
}

// load reads an 8×8 block, centred on zero, repeating the plane's last column and row beyond its edge, and reports whether all
// of it is one tone.
func load(b *[64]int32, plane []byte, w, h, x, y int) (flat bool) {
	if x+8 <= w && y+8 <= h {
		first := binary.LittleEndian.Uint64(plane[y*w+x:])
		same := first == uint64(byte(first))*0x0101010101010101
		for j := range 8 {
			v := binary.LittleEndian.Uint64(plane[(y+j)*w+x:])
			same = same && v == first
			row := (*[8]int32)(b[8*j:])
			row[0], row[1], row[2], row[3] = int32(v&255)-128, int32(v>>8&255)-128, int32(v>>16&255)-128, int32(v>>24&255)-128
			row[4], row[5], row[6], row[7] = int32(v>>32&255)-128, int32(v>>40&255)-128, int32(v>>48&255)-128, int32(v>>56)-128
		}
		return same
	}
	for j := range 8 {
		for i := range 8 {
			b[8*j+i] = int32(plane[min(y+j, h-1)*w+min(x+i, w-1)]) - 128
		}
	}
	return false
}

// block writes one block and gives its DC value.
func (e *encoder) block(b *[64]int32, flat bool, table int, before int32) int32 {
	recip, ac := &e.recip[table], &e.codes[2*table+1]
	if flat {
		dc := quantize(b[0]*64, recip[0])
		e.delta(table, dc-before)
		e.put(uint32(ac[0].bits), uint(ac[0].n))
		return dc
	}
	transform(b)
	dc := quantize(b[0], recip[0])
	e.delta(table, dc-before)
	run := 0
	for z := 1; z < 64; z++ {
		k := zigzag[z]
		v := quantize(b[k], recip[k])
		if v == 0 {
			run++
			continue
		}
		for ; run > 15; run -= 16 {
			e.put(uint32(ac[0xf0].bits), uint(ac[0xf0].n))
		}
		e.value(ac, run, v)
		run = 0
	}
	if run > 0 {
		e.put(uint32(ac[0].bits), uint(ac[0].n))
	}
	return dc
}

// quantize divides a coefficient (which carries a factor of 8) by its step and rounds to the nearest, halves away from zero.
func quantize(v, recip int32) int32 {
	sign := v >> 31
	q := ((v^sign-sign)*recip + 1<<15) >> 16
	return q ^ sign - sign
}

func (e *encoder) delta(table int, d int32) { e.value(&e.codes[2*table], 0, d) }

// value writes a run of zeros and the value that ends it.
func (e *encoder) value(table *[256]code, run int, v int32) {
	sign := v >> 31
	n := uint(bits.Len32(uint32(v ^ sign - sign)))
	c := table[run<<4|int(n)]
	low := uint32(v+sign) & (1<<n - 1)
	e.put(uint32(c.bits)<<n|low, uint(c.n)+n)
}

// put writes the n low bits of v, at most 32, with a zero after each byte of ones.
func (e *encoder) put(v uint32, n uint) {
	e.bits = e.bits<<n | uint64(v)
	e.n += n
	if e.n < 32 {
		return
	}
	e.n -= 32
	w := uint32(e.bits >> e.n)
	if (^w-0x01010101)&w&0x80808080 == 0 { // no byte of ones
		e.out = binary.BigEndian.AppendUint32(e.out, w)
		return
	}
	for shift := 24; shift >= 0; shift -= 8 {
		e.append(byte(w >> shift))
	}
}

// finish fills the last byte with ones and ends the file.
func (e *encoder) finish() {
	e.put(0x7f, 7)
	for ; e.n >= 8; e.n -= 8 {
		e.append(byte(e.bits >> (e.n - 8)))
	}
	e.out = append(e.out, 0xff, 0xd9)
}

func (e *encoder) append(b byte) {
	if e.out = append(e.out, b); b == 0xff {
		e.out = append(e.out, 0)
	}
}
