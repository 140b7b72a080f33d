package filetype

// The types that the rest of the house names.
var (
	PDF     = Type{"pdf", "PDF 文档", ".pdf", true}
	JPEG    = Type{"jpeg", "JPEG 图片", ".jpg", true}
	PNG     = Type{"png", "PNG 图片", ".png", true}
	TIFF    = Type{"tiff", "TIFF 图片", ".tif", true}
	Text    = Type{"text", "纯文本", ".txt", true}
	DOCX    = Type{"docx", "Word 文档", ".docx", false}
	XLSX    = Type{"xlsx", "Excel 表格", ".xlsx", false}
	PPTX    = Type{"pptx", "PowerPoint 演示文稿", ".pptx", false}
	DOC     = Type{"doc", "Word 97–2003 文档", ".doc", false}
	XLS     = Type{"xls", "Excel 97–2003 表格", ".xls", false}
	PPT     = Type{"ppt", "PowerPoint 97–2003 演示文稿", ".ppt", false}
	WPS     = Type{"wps", "WPS 文字", ".wps", false}
	ET      = Type{"et", "WPS 表格", ".et", false}
	DPS     = Type{"dps", "WPS 演示", ".dps", false}
	OFD     = Type{"ofd", "OFD 版式文档", ".ofd", false}
	Zip     = Type{"zip", "ZIP 压缩包", ".zip", false}
	Mail    = Type{"eml", "电子邮件", ".eml", false}
	HTML    = Type{"html", "网页", ".html", false}
	RTF     = Type{"rtf", "RTF 文档", ".rtf", false}
	SVG     = Type{"svg", "SVG 图片", ".svg", false}
	Empty   = Type{"empty", "空文件", "", false}
	Unknown = Type{"unknown", "未知类型", "", false}
)

var (
	outlook   = Type{"msg", "Outlook 邮件", ".msg", false}
	sealed    = Type{"office_encrypted", "加密的 Office 文档", "", false}
	compound  = Type{"ole", "Office 复合文件", "", false}
	installer = Type{"msi", "安装程序", ".msi", false}
	odt       = Type{"odt", "OpenDocument 文档", ".odt", false}
	ods       = Type{"ods", "OpenDocument 表格", ".ods", false}
	odp       = Type{"odp", "OpenDocument 演示文稿", ".odp", false}
	epub      = Type{"epub", "EPUB 电子书", ".epub", false}
	rar       = Type{"rar", "RAR 压缩包", ".rar", false}
	sevenZip  = Type{"7z", "7-Zip 压缩包", ".7z", false}
	gz        = Type{"gz", "GZIP 压缩包", ".gz", false}
	tar       = Type{"tar", "TAR 归档", ".tar", false}
	gif       = Type{"gif", "GIF 图片", ".gif", false}
	bmp       = Type{"bmp", "BMP 图片", ".bmp", false}
	webp      = Type{"webp", "WebP 图片", ".webp", false}
	heic      = Type{"heic", "HEIC 图片", ".heic", false}
	psd       = Type{"psd", "Photoshop 图片", ".psd", false}
	dwg       = Type{"dwg", "AutoCAD 图纸", ".dwg", false}
	mp4       = Type{"mp4", "MP4 视频", ".mp4", false}
	mov       = Type{"mov", "QuickTime 视频", ".mov", false}
	threeGP   = Type{"3gp", "3GP 视频", ".3gp", false}
	avi       = Type{"avi", "AVI 视频", ".avi", false}
	mkv       = Type{"mkv", "MKV 视频", ".mkv", false}
	webm      = Type{"webm", "WebM 视频", ".webm", false}
	flv       = Type{"flv", "FLV 视频", ".flv", false}
	wmv       = Type{"wmv", "Windows Media 音视频", ".wmv", false}
	mpeg      = Type{"mpeg", "MPEG 视频", ".mpg", false}
	mp3       = Type{"mp3", "MP3 音频", ".mp3", false}
	m4a       = Type{"m4a", "M4A 音频", ".m4a", false}
	wav       = Type{"wav", "WAV 音频", ".wav", false}
	amr       = Type{"amr", "AMR 录音", ".amr", false}
	aac       = Type{"aac", "AAC 音频", ".aac", false}
	flac      = Type{"flac", "FLAC 音频", ".flac", false}
	ogg       = Type{"ogg", "Ogg 音频", ".ogg", false}
	exe       = Type{"exe", "可执行程序", ".exe", false}
	sqlite    = Type{"sqlite", "SQLite 数据库", ".sqlite", false}
	access    = Type{"mdb", "Access 数据库", ".mdb", false}
	postscr   = Type{"ps", "PostScript 文档", ".ps", false}
)

// All lists every type, the unknown one last.
var All = []Type{PDF, JPEG, PNG, TIFF, Text, DOCX, XLSX, PPTX, DOC, XLS, PPT, WPS, ET, DPS, OFD, Zip, Mail, HTML, RTF, SVG,
	outlook, sealed, compound, installer, odt, ods, odp, epub, rar, sevenZip, gz, tar, gif, bmp, webp, heic, psd, dwg, mp4, mov,
	threeGP, avi, mkv, webm, flv, wmv, mpeg, mp3, m4a, wav, amr, aac, flac, ogg, exe, sqlite, access, postscr, Empty, Unknown}

var byCode = func() map[string]Type {
	m := map[string]Type{}
	for _, t := range All {
		m[t.Code] = t
	}
	return m
}()

// magics are the beginnings that leave no doubt.
var magics = []struct {
	prefix string
	found  Type
}{
	{"%PDF-", PDF},
	{"\xff\xd8\xff", JPEG},
	{"\x89PNG\r\n\x1a\n", PNG},
	{"II*\x00", TIFF}, {"MM\x00*", TIFF}, {"II+\x00", TIFF}, {"MM\x00+", TIFF},
	{"GIF87a", gif}, {"GIF89a", gif},
	{`{\rtf`, RTF},
	{"Rar!\x1a\x07", rar},
	{"7z\xbc\xaf\x27\x1c", sevenZip},
	{"#!AMR", amr},
	{"ID3\x02", mp3}, {"ID3\x03", mp3}, {"ID3\x04", mp3},
	{"SQLite format 3\x00", sqlite},
	{"%!PS-Adobe", postscr},
}

// byMIME maps the answers of the mimetype library.
var byMIME = map[string]Type{
	"application/gzip": gz, "application/x-tar": tar, "application/epub+zip": epub,
	"image/bmp": bmp, "image/webp": webp, "image/heic": heic, "image/heif": heic, "image/heic-sequence": heic, "image/heif-sequence": heic,
	"image/avif": heic, "image/vnd.adobe.photoshop": psd, "image/vnd.dwg": dwg,
	"video/mp4": mp4, "video/x-m4v": mp4, "video/quicktime": mov, "video/3gpp": threeGP, "video/3gpp2": threeGP, "video/x-msvideo": avi,
	"video/matroska": mkv, "video/webm": webm, "video/x-flv": flv, "video/x-ms-asf": wmv, "video/mpeg": mpeg,
	"audio/mpeg": mp3, "audio/mp4": m4a, "audio/x-m4a": m4a, "audio/wav": wav, "audio/amr": amr, "audio/aac": aac, "audio/flac": flac,
	"audio/ogg": ogg, "application/ogg": ogg, "video/ogg": ogg,
	"application/vnd.microsoft.portable-executable": exe, "application/x-elf": exe, "application/x-mach-binary": exe,
	"application/x-msaccess": access,
}
