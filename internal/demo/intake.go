package demo

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"math"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
)

// signFor has what was brought signed for: at the desk by who brought it, or by the receiver alone where a courier did. What came last waits.
func (b *builder) signFor(by, matter, batch string, o original) error {
	s := carrier.Signing{Signer: o.signer, Checked: true}
	if o.courier != "" {
		s.Absent = o.courier
	} else {
		drawn, err := scribble(o.signer + batch)
		if err != nil {
			return err
		}
		s.Ink = drawn
	}
	return b.h.Door.Do(b.ctx, b.who(by), access.RegisterCarrier, guard.Thing{Kind: access.Matter, ID: matter}, func(g *guard.Grant) error { return b.h.Carriers.SignIntake(g, batch, s) })
}

// scribble is a signature as somebody draws it with a finger: loops of their own.
func scribble(seed string) ([]byte, error) {
	h := fnv.New32a()
	h.Write([]byte(seed))
	turn := func(n int) float64 { return 1 + float64(h.Sum32()>>(4*n)&15)/8 }
	p := image.NewNRGBA(image.Rect(0, 0, 840, 240))
	for i := range 9000 {
		t := float64(i) / 9000
		x, y := 120+560*t+60*math.Sin(28*t*turn(0)), 120+58*math.Sin(21*t*turn(1))*math.Cos(9*t*turn(2))
		for dx := -2; dx <= 2; dx++ {
			for dy := -2; dy <= 2; dy++ {
				p.Set(int(x)+dx, int(y)+dy, color.NRGBA{R: 17, G: 17, B: 17, A: 255})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, p); err != nil {
		return nil, fmt.Errorf("draw a signature: %w", err)
	}
	return out.Bytes(), nil
}
