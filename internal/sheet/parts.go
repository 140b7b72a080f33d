package sheet

import (
	"encoding/xml"
	"fmt"
	"time"
)

const (
	spreadsheet   = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packages      = "http://schemas.openxmlformats.org/package/2006"
)

type part struct{ name, content string }

// parts are the workbook's files but for its worksheet.
func parts(h Head) []part {
	return []part{
		{"[Content_Types].xml", xml.Header + `<Types xmlns="` + packages + `/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`},
		{"_rels/.rels", xml.Header + `<Relationships xmlns="` + packages + `/relationships"><Relationship Id="rId1" Type="` + relationships + `/officeDocument" Target="xl/workbook.xml"/><Relationship Id="rId2" Type="` + packages + `/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`},
		{"docProps/core.xml", core(h)},
		{"xl/workbook.xml", xml.Header + `<workbook xmlns="` + spreadsheet + `" xmlns:r="` + relationships + `"><sheets><sheet name="` + escaped(sheetName(h.Title)) + `" sheetId="1" r:id="rId1"/></sheets><definedNames><definedName name="_xlnm.Print_Titles" localSheetId="0">'` + escaped(sheetName(h.Title)) + fmt.Sprintf(`'!$%d:$%d</definedName></definedNames></workbook>`, headRows+1, headRows+1)},
		{"xl/_rels/workbook.xml.rels", xml.Header + `<Relationships xmlns="` + packages + `/relationships"><Relationship Id="rId1" Type="` + relationships + `/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + relationships + `/styles" Target="styles.xml"/></Relationships>`},
		{"xl/styles.xml", styles},
	}
}

// core is the document's properties: what it is, who fetched it and when.
func core(h Head) string {
	return xml.Header + `<cp:coreProperties xmlns:cp="` + packages + `/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>` +
		escaped(h.Title) + `</dc:title><dc:creator>` + escaped(h.By) + `</dc:creator><cp:category>` + escaped(h.Mark) + `</cp:category><dc:identifier>` + escaped(h.No) +
		`</dc:identifier><dcterms:created xsi:type="dcterms:W3CDTF">` + h.At.UTC().Format(time.RFC3339) + `</dcterms:created></cp:coreProperties>`
}

// sheetName is a title as a worksheet may be called: at most 31 characters and none of []:*?/\'.
func sheetName(title string) string {
	var name []rune
	for _, r := range title {
		switch r {
		case '[', ']', ':', '*', '?', '/', '\\', '\'':
			r = ' '
		}
		if name = append(name, r); len(name) == 31 {
			break
		}
	}
	if len(name) == 0 {
		return "1"
	}
	return string(name)
}

// styles holds cellXfs in the order of the style constants; numFmtId 49 is text.
const styles = xml.Header + `<styleSheet xmlns="` + spreadsheet + `"><fonts count="4"><font><sz val="10"/><name val="宋体"/></font><font><b/><sz val="16"/><name val="宋体"/></font><font><b/><sz val="11"/><color rgb="FF9C1C1C"/><name val="宋体"/></font><font><b/><sz val="10"/><name val="宋体"/></font></fonts>` +
	`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFF0F0F0"/></patternFill></fill></fills>` +
	`<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left style="thin"/><right style="thin"/><top style="thin"/><bottom style="thin"/><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="8">` +
	`<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
	`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1"><alignment horizontal="center"/></xf>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment horizontal="center"/></xf>` +
	`<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1"/>` +
	`<xf numFmtId="49" fontId="3" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"><alignment vertical="center" wrapText="1"/></xf>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="1" xfId="0" applyBorder="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="1" xfId="0" quotePrefix="1" applyBorder="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>` +
	`<xf numFmtId="1" fontId="0" fillId="0" borderId="1" xfId="0" applyNumberFormat="1" applyBorder="1" applyAlignment="1"><alignment vertical="top"/></xf>` +
	`</cellXfs></styleSheet>`
