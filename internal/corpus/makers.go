package corpus

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
)

// makers write the files that are no set text. The argument is the form's "make".
var makers = map[string]func(s *scene, what string) []byte{
	"xlsx": func(s *scene, what string) []byte { return s.workbook(what) },
	"png":  func(s *scene, what string) []byte { return pngOf(s.drawing(what)) },
	"jpg":  func(s *scene, what string) []byte { return jpegOf(s.drawing(what), 78) },
}

func (s *scene) drawing(what string) image.Image {
	switch what {
	case "identity":
		return scanned(cards(s.person()), s.luck)
	case "licence":
		return scanned(businessLicence(s.company(), s.luck), s.luck)
	case "screenshot":
		return screenshot(s)
	default:
		return photograph(s.luck, one(s.luck, photoNames), s.day.Format("2006/01/02  15:04"))
	}
}

// person is a natural person of the matter, another one for each further card; a company's representative stands in where
// there is none.
func (s *scene) person() Party {
	var persons []Party
	for _, p := range s.matter.Parties {
		if p.Kind == "person" {
			persons = append(persons, p)
		}
	}
	if len(persons) > 0 {
		return persons[(s.nth-1)%len(persons)]
	}
	company := s.company()
	_, id := identify("person", company.Representative, fmt.Sprintf("男 %d", 1962+len(company.Name)%24))
	return Party{Name: company.Representative, Kind: "person", Address: company.Address, Identity: id}
}

// anyCompany is a company of the matter, the client before others.
func (s *scene) anyCompany() (found Party, ok bool) {
	for _, p := range s.matter.Parties {
		if p.Kind == "company" && (found.Name == "" || p.Client) {
			found = p
		}
	}
	return found, found.Name != ""
}

func (s *scene) company() Party {
	p, ok := s.anyCompany()
	if !ok {
		panic("corpus: " + s.story.name + " has no company")
	}
	return p
}

// watermark writes 样例 across an image so that nobody takes it for a paper of the state's.
func watermark(img *image.RGBA, size float64) {
	faint := ink{color: color.NRGBA{200, 30, 30, 70}, bold: true}
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	for y := h * 0.25; y < h*1.1; y += size * 2.6 {
		for x := -w * 0.05; x < w; x += size * 4.4 {
			letter(img, turned(x, y, -0.45), size, "样例　无效", faint)
		}
	}
}

func blank(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	return img
}
