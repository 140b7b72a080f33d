package letter

import "cmp"

// roll is how a label lies on its own page, in millimetres, and in points for type. Label printers draw 203 or 300 dots to the inch:
// square and bars are whole multiples of one dot of 203 (0.125 mm), else their edges blur and hand scanners miss them.
type roll struct {
	wide, tall      float64
	dot             float64 // side of one module of the square
	left, top       float64 // of the square; what is left of it is its quiet zone
	mark, line      float64 // sizes of type
	barTop, barTall float64
	number          float64 // size of type
}

// barDot is the width of one module of the bars: two dots of a label printer.
const barDot = 0.25

var rolls = map[Stock]roll{
	Roll60: {wide: 60, tall: 40, dot: 1, left: 4, top: 3, mark: 9, line: 8, barTop: 26, barTall: 7, number: 9},
	Roll50: {wide: 50, tall: 30, dot: 0.75, left: 3, top: 2, mark: 8, line: 7, barTop: 19, barTall: 5.5, number: 8},
}

// set sets a label on a page of its own. Bars too long for two dots to a module get one.
func (r roll) set(s *sheet, _ int, l Label) error {
	square, bars, err := codes(l.Number, cmp.Or(l.Bars, l.Number))
	if err != nil {
		return err
	}
	s.page()
	s.pdf.SetFillColor(0, 0, 0)
	side := float64(square.Bounds().Dx()) * r.dot
	s.modules(square, r.left, r.top, side, side)
	beside := r.left + side + 2
	room, at := r.wide-beside-1, r.top-1
	if l.Mark != "" {
		s.bold(beside, at, s.lines(l.Mark, r.mark, room)[0], r.mark)
		at += lineHeight(r.mark)
	}
	for _, line := range l.Lines[:min(len(l.Lines), 3)] {
		s.write(beside, at, s.lines(line, r.line, room)[0], r.line, 0)
		at += lineHeight(r.line) * 0.9
	}
	width := float64(bars.Bounds().Dx()) * barDot
	if width > r.wide-20*barDot { // with a quiet zone of ten modules on each side
		width /= 2
	}
	s.modules(bars, (r.wide-width)/2, r.barTop, width, r.barTall)
	s.write((r.wide-s.width(l.Number, r.number))/2, r.barTop+r.barTall-0.2, l.Number, r.number, 0)
	return nil
}
