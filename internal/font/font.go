// Package font carries the one typeface of the product: Noto Sans SC, regular, under the SIL Open Font License 1.1 (see OFL.txt
// beside it). It writes the marks on page images, plain text pages and, elsewhere, slips and labels.
package font

import _ "embed"

// NotoSansSC is the TrueType file: 13,528 code points, 1000 units an em. Who draws with it shows a visible substitute for a
// character that it lacks and never drops one. Callers must not write to it.
//
//go:embed NotoSansSC-Regular.ttf
var NotoSansSC []byte
