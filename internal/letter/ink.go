package letter

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"mijuan/internal/problem"
)

// Limits of a drawn signature.
const (
	MaxDrawing = 512 << 10 // bytes
	maxAcross  = 2400      // pixels
	minAcross  = 16
)

// ink is a drawn signature as it is set: the part with strokes, on white.
type ink = image.RGBA

// Ink checks a drawing before anything is set: a PNG of at most MaxDrawing bytes and 2400 pixels on a side, with something drawn.
func Ink(drawing []byte) error {
	_, err := readInk(drawing)
	return err
}

// readInk reads a drawing and writes it anew, so that nothing but its pixels gets into a document. No drawing is no ink.
func readInk(drawing []byte) (*ink, error) {
	if len(drawing) == 0 {
		return nil, nil
	}
	if len(drawing) > MaxDrawing {
		return nil, problem.New(problem.TooLarge, "手写签名图片太大：最多 %d KB", MaxDrawing>>10).In("drawing")
	}
	head, err := png.DecodeConfig(bytes.NewReader(drawing))
	if err != nil || head.Width > maxAcross || head.Height > maxAcross {
		return nil, unreadable(err)
	}
	picture, err := png.Decode(bytes.NewReader(drawing))
	if err != nil {
		return nil, unreadable(err)
	}
	flat := image.NewRGBA(image.Rect(0, 0, head.Width, head.Height))
	draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), picture, picture.Bounds().Min, draw.Over)
	strokes := drawn(flat)
	if strokes.Dx() < minAcross && strokes.Dy() < minAcross {
		return nil, problem.New(problem.Invalid, "手写签名是空白的，请重新书写").In("drawing")
	}
	return flat.SubImage(strokes).(*ink), nil
}

func unreadable(cause error) error {
	return problem.New(problem.Invalid, "手写签名必须是 PNG 图片，边长不超过 %d 像素", maxAcross).In("drawing").Because(cause)
}

// drawn is the smallest rectangle around all that is clearly not white.
func drawn(picture *image.RGBA) image.Rectangle {
	var around image.Rectangle
	b := picture.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if color.GrayModel.Convert(picture.RGBAAt(x, y)).(color.Gray).Y < 200 {
				around = around.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return around
}
