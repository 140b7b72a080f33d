package corpus

import (
	"strconv"
	"strings"
)

// widths begins a table; the figures are shares of the text's width.
func (c *composer) widths(s string) {
	var sum float64
	var shares []float64
	for f := range strings.SplitSeq(s, ":") {
		w, err := strconv.ParseFloat(f, 64)
		if err != nil {
			panic("corpus: column widths " + s)
		}
		shares, sum = append(shares, w), sum+w
	}
	c.columns, c.heading = nil, nil
	for _, w := range shares {
		c.columns = append(c.columns, w/sum*textWidth)
	}
	c.y += c.lead * 0.3
}

// row sets one row of the table; the first one is its heading.
func (c *composer) row(cells []string) {
	if c.columns == nil {
		c.widths(strings.TrimSuffix(strings.Repeat("1:", len(cells)), ":"))
	}
	heading := c.heading == nil
	if heading {
		c.heading = cells
	}
	h := c.cells(cells)
	if c.need(h) && !heading {
		c.draw(c.heading, true)
	}
	c.draw(cells, heading)
}

const (
	cellScale = 0.86 // of the text's size
	cellPad   = 1.6  // millimetres
)

func (c *composer) cell(i int, s string) []string {
	return breakLines(strings.TrimSpace(s), (c.columns[i]-2*cellPad)/(c.em()*cellScale), 0)
}

// cells is the row's height.
func (c *composer) cells(cells []string) float64 {
	n := 1
	for i, s := range cells {
		n = max(n, len(c.cell(i, s)))
	}
	return float64(n)*c.lead*0.78 + 2*cellPad
}

func (c *composer) draw(cells []string, bold bool) {
	h, x := c.cells(cells), marginLeft
	for _, y := range []float64{c.y, c.y + h} {
		c.put(mark{kind: lineMark, x: marginLeft, y: y, w: textWidth, color: black})
	}
	c.put(mark{kind: lineMark, x: x, y: c.y, h: h, color: black})
	size := c.size * cellScale
	for i, s := range cells {
		for n, l := range c.cell(i, s) {
			left := x + cellPad
			if bold || figure(l) {
				left = x + (c.columns[i]-width(l)*size*pointMM)/2
			}
			if figure(l) && !bold {
				left = x + c.columns[i] - cellPad - width(l)*size*pointMM
			}
			c.put(mark{kind: textMark, x: left, y: c.y + cellPad + c.lead*0.78*(float64(n)+0.72), size: size, text: l, bold: bold, color: black})
		}
		x += c.columns[i]
		c.put(mark{kind: lineMark, x: x, y: c.y, h: h, color: black})
	}
	c.y += h
}

// figure reports whether a cell is a sum, which is set to the right.
func figure(s string) bool {
	return strings.Contains(s, ".") && strings.Trim(s, "-0123456789,.") == ""
}
