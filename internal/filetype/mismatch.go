package filetype

import (
	"path"
	"strings"
)

// endings lists the endings that a type may bear without lying, without dots. Families that programs save under one another's
// endings (Office and WPS) are one.
var endings = map[string]string{
	PDF.Code: "pdf ai", JPEG.Code: "jpg jpeg jpe jfif", PNG.Code: "png", TIFF.Code: "tif tiff",
	Text.Code: "txt text log csv tsv md markdown json xml ini conf cfg yaml yml srt vtt vcf ics sql tex bat sh py js ts css java c h cpp go properties reg",
	DOCX.Code: "docx docm dotx dotm wps wpt doc", XLSX.Code: "xlsx xlsm xltx xltm xlsb et ett xls", PPTX.Code: "pptx pptm potx potm ppsx ppsm dps dpt ppt",
	DOC.Code: "doc dot wps wpt", WPS.Code: "wps wpt doc dot", XLS.Code: "xls xlt et ett", ET.Code: "et ett xls xlt",
	PPT.Code: "ppt pps pot dps dpt", DPS.Code: "dps dpt ppt pps pot",
	OFD.Code: "ofd", Zip.Code: "zip jar apk", Mail.Code: "eml mht mhtml txt", HTML.Code: "html htm xhtml shtml mht txt xml", RTF.Code: "rtf doc", SVG.Code: "svg xml",
	outlook.Code: "msg oft", sealed.Code: "docx docm xlsx xlsm pptx pptm doc xls ppt wps et dps", compound.Code: "", installer.Code: "msi msp",
	odt.Code: "odt ott", ods.Code: "ods ots", odp.Code: "odp otp", epub.Code: "epub", rar.Code: "rar cbr", sevenZip.Code: "7z", gz.Code: "gz tgz", tar.Code: "tar",
	gif.Code: "gif", bmp.Code: "bmp dib", webp.Code: "webp", heic.Code: "heic heif avif", psd.Code: "psd psb", dwg.Code: "dwg",
	mp4.Code: "mp4 m4v mov", mov.Code: "mov qt mp4", threeGP.Code: "3gp 3g2 mp4", avi.Code: "avi", mkv.Code: "mkv mka webm", webm.Code: "webm mkv", flv.Code: "flv",
	wmv.Code: "wmv wma asf", mpeg.Code: "mpg mpeg vob dat", mp3.Code: "mp3", m4a.Code: "m4a mp4 m4b aac", wav.Code: "wav", amr.Code: "amr", aac.Code: "aac",
	flac.Code: "flac", ogg.Code: "ogg oga ogv opus", exe.Code: "exe dll com scr sys so bin", sqlite.Code: "sqlite sqlite3 db", access.Code: "mdb accdb", postscr.Code: "ps eps ai",
}

// claims maps each ending to the codes of the types for which it stands.
var claims = func() map[string]map[string]bool {
	m := map[string]map[string]bool{}
	for code, list := range endings {
		for _, e := range strings.Fields(list) {
			if m[e] == nil {
				m[e] = map[string]bool{}
			}
			m[e][code] = true
		}
	}
	return m
}()

// Mismatch reports whether a name's ending claims a type that the content has not. An ending that stands for nothing known, or
// none, claims nothing; an empty file contradicts no name.
func Mismatch(name string, t Type) bool {
	ending := strings.ToLower(strings.TrimPrefix(path.Ext(strings.TrimSpace(name)), "."))
	codes, ok := claims[ending]
	return ok && t != Empty && !codes[t.Code]
}
