package render

// shrinker makes a smaller plane of a larger one that comes row by row: each pixel is the mean of the area it covers. It needs
// memory for one row only, whatever the size of the picture. Where the wanted size is the larger, it repeats pixels.
type shrinker struct {
	sw, sh, dw, dh int
	out            []byte
	row            []uint64 // the current output row: sums of value·weight
	y              int      // source rows taken
	left           []span   // for each output column, the source columns under it
}

// span is a stretch of source pixels with the weights of its ends, in 1/256.
type span struct {
	from, to    int // inclusive
	first, last uint32
	total       uint32
}

func newShrinker(sw, sh, dw, dh int) *shrinker {
	s := &shrinker{sw: sw, sh: sh, dw: dw, dh: dh, out: make([]byte, dw*dh), row: make([]uint64, dw), left: make([]span, dw)}
	for x := range s.left {
		s.left[x] = cover(x, sw, dw)
	}
	return s
}

// cover tells which of sw pixels lie under pixel x of dw.
func cover(x, sw, dw int) span {
	a, b := uint64(x)*uint64(sw)*256/uint64(dw), uint64(x+1)*uint64(sw)*256/uint64(dw)
	b = max(b, a+1)
	s := span{from: int(a / 256), to: int((b - 1) / 256), total: uint32(b - a)}
	if s.from == s.to {
		s.first = s.total
		return s
	}
	s.first, s.last = uint32(256-a%256), uint32((b-1)%256+1)
	return s
}

// add takes the next source row.
func (s *shrinker) add(row []byte) {
	y := s.y
	s.y++
	first, last := y*s.dh/s.sh, ((y+1)*s.dh-1)/s.sh
	if first == last && s.dh < s.sh {
		s.accumulate(row, first, y)
		return
	}
	for d := first; d <= last && d < s.dh; d++ {
		s.accumulate(row, d, y)
	}
}

// accumulate adds a source row with its weight to output row d, and writes that when it is complete.
func (s *shrinker) accumulate(row []byte, d, y int) {
	c := cover(d, s.sh, s.dh)
	weight := uint64(256)
	switch y {
	case c.from:
		weight = uint64(c.first)
	case c.to:
		weight = uint64(c.last)
	}
	for x := range s.left {
		s.row[x] += weight * s.left[x].sum(row)
	}
	if y < c.to {
		return
	}
	out := s.out[d*s.dw : (d+1)*s.dw]
	for x, sum := range s.row {
		area := uint64(c.total) * uint64(s.left[x].total)
		out[x] = byte((sum + area/2) / area)
	}
	clear(s.row)
}

// sum is the weighted sum of the pixels, in 1/256.
func (c *span) sum(row []byte) uint64 {
	if c.from == c.to {
		return uint64(row[c.from]) * uint64(c.total)
	}
	inner := uint32(0)
	for _, v := range row[c.from+1 : c.to] {
		inner += uint32(v)
	}
	return uint64(c.first)*uint64(row[c.from]) + uint64(c.last)*uint64(row[c.to]) + uint64(inner)*256
}
