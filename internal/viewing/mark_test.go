package viewing

import (
	"reflect"
	"testing"
	"time"

	"mijuan/internal/classification"
	"mijuan/internal/material"
)

// The mark tells who, which material, when in the firm's own time, from where, and the image's own code.
func TestMarkTellsWhoAndWhen(t *testing.T) {
	m := material.Material{Number: "2026-民-0007-003", Level: classification.TopSecret}
	got := mark(m, Viewer{Name: "顾明远", Login: "gumy"}, "10.1.2.3", time.Date(2026, 12, 31, 17, 4, 5, 0, time.UTC), 0x0A1B_2C3D_4E5F)
	if got.Level != "客户资料·绝密级" || got.Code != "0A1B-2C3D-4E5F" {
		t.Errorf("%+v", got)
	}
	if want := []string{"顾明远 gumy", "2026-民-0007-003", "2027-01-01 01:04:05", "10.1.2.3"}; !reflect.DeepEqual(got.Lines, want) {
		t.Errorf("%q, want %q", got.Lines, want)
	}
}

// Whatever width is asked for, the image has one of the known ones: the next larger, or the largest.
func TestWidthsAreBroughtToKnownOnes(t *testing.T) {
	for wanted, want := range map[int]int{-1 << 63: 160, -1: 160, 0: 160, 1: 160, 160: 160, 161: 720, 720: 720, 721: 1075, 1075: 1075, 1076: 1612, 1613: 2150, 2150: 2150, 2151: 2150, 1<<63 - 1: 2150} {
		if got := width(wanted); got != want {
			t.Errorf("%d becomes %d, want %d", wanted, got, want)
		}
	}
}

func TestCodesAreFresh(t *testing.T) {
	seen := map[uint64]bool{}
	for range 2000 {
		code, err := NewCode()
		if err != nil || code>>48 != 0 || seen[code] {
			t.Fatalf("%x, %v", code, err)
		}
		seen[code] = true
	}
	if CodeText(0) != "0000-0000-0000" || CodeText(1<<48-1) != "FFFF-FFFF-FFFF" {
		t.Errorf("%s %s", CodeText(0), CodeText(1<<48-1))
	}
}
