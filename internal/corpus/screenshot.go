package corpus

import (
	"image"
	"image/color"
	"strings"
	"time"
)

// screenshot is a telephone's picture of the last messages of the matter's conversation.
func screenshot(s *scene) image.Image {
	const w, h = 720, 1480
	img := blank(w, h)
	fillRect(img, 0, 0, w, h, color.RGBA{237, 237, 237, 255})
	dark := color.RGBA{24, 24, 24, 255}
	at0 := s.day.Truncate(time.Hour).Add(time.Duration(s.luck.between(0, 59)) * time.Minute)
	letter(img, at(40, 48), 26, at0.Format("15:04"), ink{color: dark, bold: true})
	letter(img, at(560, 48), 22, "5G  "+one(s.luck, []string{"63", "81", "47"})+"%", inkOf(dark))
	lines := s.section("chat")
	peer, _, _ := strings.Cut(lines[0], "：")
	letter(img, at(w/2-width(peer)*15, 110), 30, peer, ink{color: dark, bold: true})
	fillRect(img, 0, 140, w, 2, color.RGBA{214, 214, 214, 255})
	letter(img, at(w/2-100, 186), 20, day(at0)+" "+at0.Format("15:04"), inkOf(grey))
	y := 220
	for _, line := range lines {
		who, text, _ := strings.Cut(line, "：")
		if y = bubble(img, y, who != peer, text); y > h-200 {
			break
		}
	}
	fillRect(img, 0, h-110, w, 110, color.RGBA{247, 247, 247, 255})
	fillRect(img, 90, h-88, w-260, 60, color.RGBA{255, 255, 255, 255})
	letter(img, at(w-150, h-48), 26, "＋　发送", inkOf(grey))
	return img
}

// bubble draws one message and gives the place of the next.
func bubble(img *image.RGBA, y int, mine bool, text string) int {
	const size = 28.0
	lines := breakLines(text, 14.5, 0)
	widest := 0.0
	for _, l := range lines {
		widest = max(widest, width(l))
	}
	w, h := int(widest*size)+44, len(lines)*42+28
	x, fill, avatar := 112, color.RGBA{255, 255, 255, 255}, 28
	if mine {
		x, fill, avatar = 720-112-w, color.RGBA{149, 236, 105, 255}, 720-28-66
	}
	fillRect(img, avatar, y, 66, 66, color.RGBA{uint8(96 + 8*len(text)%90), 140, 170, 255})
	fillRect(img, x, y, w, h, fill)
	for i, l := range lines {
		letter(img, at(float64(x)+22, float64(y+46+i*42)), size, l, inkOf(black))
	}
	return y + max(h, 66) + 30
}
