package render

// shrinker makes a smaller plane of a larger one that comes row by row: each pixel is the mean of the area it covers. It needs
// memory for one row only, whatever the size of the picture. Where the wanted size is the larger, it repeats pixels.
type shrinker struct {
	sw, sh, dw, dh int
	out            []byte
	row            []int  // the current output row: sums of value·weight
	y              int    // source rows taken
	left           []span // for each output column, the source columns under it
}

// span is the stretch of n source pixels under one of d output pixels. A whole source pixel weighs d, so that all weights are
// whole numbers, and together they weigh n.
type span struct {
	from, to    int // inclusive
	first, last int // weights of the ends
}

func newShrinker(sw, sh, dw, dh int) *shrinker {
	s := &shrinker{sw: sw, sh: sh, dw: dw, dh: dh, out: make([]byte, dw*dh), row: make([]int, dw), left: make([]span, dw)}
	for x := range s.left {
		s.left[x] = cover(x, sw, dw)
	}
	return s
}

// cover tells which of n pixels lie under pixel x of d.
func cover(x, n, d int) span {
	a, b := x*n, (x+1)*n
	s := span{from: a / d, to: (b - 1) / d, first: d - a%d, last: (b-1)%d + 1}
	if s.from == s.to {
		s.first = n
	}
	return s
}

// add takes the next source row.
func (s *shrinker) add(row []byte) {
	y := s.y
	s.y++
	for d := y * s.dh / s.sh; d <= ((y+1)*s.dh-1)/s.sh; d++ {
		s.accumulate(row, d, y)
	}
}

// accumulate adds a source row with its weight to output row d, and writes that when it is complete.
func (s *shrinker) accumulate(row []byte, d, y int) {
	c := cover(d, s.sh, s.dh)
	weight := s.dh
	switch y {
	case c.from:
		weight = c.first
	case c.to:
		weight = c.last
	}
	for x := range s.left {
		s.row[x] += weight * s.left[x].sum(row, s.dw)
	}
	if y < c.to {
		return
	}
	area := s.sw * s.sh
	out := s.out[d*s.dw : (d+1)*s.dw]
	for x, sum := range s.row {
		out[x] = byte((sum + area/2) / area)
	}
	clear(s.row)
}

// sum is the weighted sum of the pixels.
func (c *span) sum(row []byte, whole int) int {
	if c.from == c.to {
		return int(row[c.from]) * c.first
	}
	inner := 0
	for _, v := range row[c.from+1 : c.to] {
		inner += int(v)
	}
	return c.first*int(row[c.from]) + c.last*int(row[c.to]) + inner*whole
}
