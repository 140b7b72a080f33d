package render

// transform applies the forward DCT in place, scaled by 8, with the integer method of Loeffler, Ligtenberg and Moschytz (1989) as
// the Independent JPEG Group's "slow" transform arranges it: 12 multiplications a row, 13 bits of fraction.
func transform(b *[64]int32) {
	for i := 0; i < 64; i += 8 {
		r := b[i : i+8 : i+8]
		r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7] = rowPass(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7])
	}
	for i := range 8 {
		c := b[i : i+57 : i+57]
		c[0], c[8], c[16], c[24], c[32], c[40], c[48], c[56] = columnPass(c[0], c[8], c[16], c[24], c[32], c[40], c[48], c[56])
	}
}

const (
	fraction = 13
	extra    = 2 // bits of fraction that the rows keep for the columns

	c0298 = 2446  // 0.298631336 · 2^13
	c0390 = 3196  // 0.390180644
	c0541 = 4433  // 0.541196100
	c0765 = 6270  // 0.765366865
	c0899 = 7373  // 0.899976223
	c1175 = 9633  // 1.175875602
	c1501 = 12299 // 1.501321110
	c1847 = 15137 // 1.847759065
	c1961 = 16069 // 1.961570560
	c2053 = 16819 // 2.053119869
	c2562 = 20995 // 2.562915447
	c3072 = 25172 // 3.072711026
)

func rowPass(s0, s1, s2, s3, s4, s5, s6, s7 int32) (_, _, _, _, _, _, _, _ int32) {
	a0, a1, a2, a3 := s0+s7, s1+s6, s2+s5, s3+s4
	e0, e3, e1, e2 := a0+a3, a0-a3, a1+a2, a1-a2
	const down, half = fraction - extra, 1 << (fraction - extra - 1)
	z := (e2+e3)*c0541 + half
	o7, o5, o3, o1 := odd(s0-s7, s1-s6, s2-s5, s3-s4, half)
	return (e0 + e1) << extra, o1 >> down, (z + e3*c0765) >> down, o3 >> down,
		(e0 - e1) << extra, o5 >> down, (z - e2*c1847) >> down, o7 >> down
}

func columnPass(s0, s1, s2, s3, s4, s5, s6, s7 int32) (_, _, _, _, _, _, _, _ int32) {
	a0, a1, a2, a3 := s0+s7, s1+s6, s2+s5, s3+s4
	e0, e3, e1, e2 := a0+a3, a0-a3, a1+a2, a1-a2
	const down, half, round = fraction + extra, 1 << (fraction + extra - 1), 1 << (extra - 1)
	z := (e2+e3)*c0541 + half
	o7, o5, o3, o1 := odd(s0-s7, s1-s6, s2-s5, s3-s4, half)
	return (e0 + e1 + round) >> extra, o1 >> down, (z + e3*c0765) >> down, o3 >> down,
		(e0 - e1 + round) >> extra, o5 >> down, (z - e2*c1847) >> down, o7 >> down
}

// odd computes the four odd coefficients, unscaled, half added for rounding.
func odd(d0, d1, d2, d3, half int32) (o7, o5, o3, o1 int32) {
	p0, p1, p2, p3 := d0+d3, d1+d2, d0+d2, d1+d3
	z := (p2+p3)*c1175 + half
	p2, p3 = z-p2*c0390, z-p3*c1961
	p0, p1 = -p0*c0899, -p1*c2562
	return d3*c0298 + p0 + p3, d2*c2053 + p1 + p2, d1*c3072 + p1 + p3, d0*c1501 + p0 + p2
}
