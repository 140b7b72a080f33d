package corpus

import (
	"fmt"
	"image"
	"strings"
)

// composer sets the lines of a document written in the corpus' small markup:
//
//	# title   ## heading   ### subheading   = centred   > right   : without indent   text: an indented paragraph
//	|:2:5:3 widths   |cell|cell|cell   --- new page   *** rule   ^^ as many blank lines   问：/答： hanging
//	^ a blank line before a signature, which is kept together
//	@seal NAME   @sign LABEL|NAME   @picture NAME|HEIGHT
type composer struct {
	look
	pages   []page
	y       float64 // of the next line's top
	columns []float64
	heading []string // the table's first row, repeated on a new page
	photo   func(name string) image.Image
}

// compose sets a whole document.
func compose(text string, l look, photo func(string) image.Image) []page {
	c := &composer{look: l, photo: photo}
	c.turn()
	for line := range strings.Lines(text) {
		c.line(strings.TrimRight(line, "\r\n "))
	}
	c.finish()
	return c.pages
}

func (c *composer) em() float64 { return c.size * pointMM }

func (c *composer) turn() {
	c.pages = append(c.pages, nil)
	c.y = marginTop
}

func (c *composer) put(m mark) {
	n := len(c.pages) - 1
	c.pages[n] = append(c.pages[n], m)
}

// need turns the page when less than h millimetres are left.
func (c *composer) need(h float64) bool {
	if c.y+h <= pageHeight-marginBottom || c.y == marginTop {
		return false
	}
	c.turn()
	return true
}

func (c *composer) line(s string) {
	if !strings.HasPrefix(s, "|") {
		c.columns, c.heading = nil, nil
	}
	head, rest, _ := strings.Cut(s, " ")
	switch head {
	case "":
	case "#":
		c.title(rest)
	case "##":
		c.subtitle(rest, 1.15, 0)
	case "###":
		c.subtitle(rest, 1, 2)
	case "=":
		c.centred(rest, 1, false)
	case ">":
		c.right(rest)
	case ":":
		c.paragraph(rest, 0, 0)
	case "---":
		if c.y > marginTop {
			c.turn()
		}
	case "***":
		c.need(c.lead)
		c.put(mark{kind: lineMark, x: marginLeft, y: c.y + c.lead/2, w: textWidth, color: grey})
		c.y += c.lead
	case "@seal", "@sign", "@picture":
		c.special(head, rest)
	default:
		c.other(s)
	}
}

func (c *composer) other(s string) {
	switch {
	case strings.HasPrefix(s, "|:"):
		c.widths(s[2:])
	case strings.HasPrefix(s, "|"):
		c.row(strings.Split(strings.Trim(s, "|"), "|"))
	case s == "^": // what follows is signed: it stays together
		if !c.need(c.lead * 5.2) {
			c.y += c.lead
		}
	case strings.HasPrefix(s, "^"):
		c.y += c.lead * float64(len(s))
	case hanging(s):
		c.paragraph(s, 0, 2)
	default:
		c.paragraph(s, 2, 0)
	}
}

// hanging reports whether s begins with a one-character speaker: 问：, 答：, 审：
func hanging(s string) bool {
	r := []rune(s)
	return len(r) > 2 && r[1] == '：' && strings.ContainsRune("问答审", r[0])
}

func (c *composer) title(s string) {
	size := c.size * 1.6
	for _, l := range breakLines(s, textWidth/(size*pointMM), 0) {
		c.need(size * pointMM * 1.7)
		c.y += size * pointMM * 1.35
		c.put(mark{kind: textMark, x: pageWidth/2 - width(l)*size*pointMM/2, y: c.y, size: size, text: l, bold: true, color: black})
		c.y += size * pointMM * 0.35
	}
	c.y += c.lead * 0.6
}

func (c *composer) subtitle(s string, scale, indent float64) {
	c.need(c.lead * 2.2)
	c.y += c.lead * 0.25
	size := c.size * scale
	for i, l := range breakLines(s, textWidth/(size*pointMM), indent) {
		c.y += c.lead
		x := marginLeft
		if i == 0 {
			x += indent * c.em()
		}
		c.put(mark{kind: textMark, x: x, y: c.y - c.lead*0.28, size: size, text: l, bold: true, color: black})
	}
}

func (c *composer) centred(s string, scale float64, bold bool) {
	size := c.size * scale
	for _, l := range breakLines(s, textWidth/(size*pointMM), 0) {
		c.need(c.lead)
		c.y += c.lead
		c.put(mark{kind: textMark, x: pageWidth/2 - width(l)*size*pointMM/2, y: c.y - c.lead*0.28, size: size, text: l, bold: bold, color: black})
	}
}

func (c *composer) right(s string) {
	c.need(c.lead)
	c.y += c.lead
	c.put(mark{kind: textMark, x: pageWidth - marginRight - (width(s)+2)*c.em(), y: c.y - c.lead*0.28, size: c.size, text: s, color: black})
}

// paragraph sets running text; indent shifts the first line, hang all others, both in em.
func (c *composer) paragraph(s string, indent, hang float64) {
	lines := breakLines(s, textWidth/c.em()-hang, indent-hang)
	for i, l := range lines {
		if i == len(lines)-2 { // the last line does not go to a new page alone
			c.need(2 * c.lead)
		}
		c.need(c.lead)
		c.y += c.lead
		x, room := marginLeft+hang*c.em(), textWidth-hang*c.em()
		if i == 0 {
			x, room = marginLeft+indent*c.em(), textWidth-indent*c.em()
		}
		c.put(mark{kind: textMark, x: x, y: c.y - c.lead*0.28, size: c.size, text: l, gap: c.fill(l, room, i == len(lines)-1), color: black})
	}
}

// fill is the gap after each character that stretches a line to its room; last and short lines are not stretched.
func (c *composer) fill(l string, room float64, last bool) float64 {
	n := len([]rune(l))
	rest := room - width(l)*c.em()
	if last || n < 2 || rest < 0 || rest > room*0.09 {
		return 0
	}
	return rest / float64(n-1)
}

// finish adds what stands on every page.
func (c *composer) finish() {
	for i := range c.pages {
		if c.header != "" {
			c.pages[i] = append(c.pages[i],
				mark{kind: textMark, x: marginLeft, y: 19, size: 9, text: c.header, color: grey},
				mark{kind: lineMark, x: marginLeft, y: 21, w: textWidth, color: grey})
		}
		var s string
		switch c.footer {
		case "plain":
			s = fmt.Sprintf("- %d -", i+1)
		case "total":
			s = fmt.Sprintf("第 %d 页 共 %d 页", i+1, len(c.pages))
		default:
			continue
		}
		c.pages[i] = append(c.pages[i], mark{kind: textMark, x: pageWidth/2 - width(s)*9.5*pointMM/2, y: pageHeight - 14, size: 9.5, text: s, color: grey})
	}
}
