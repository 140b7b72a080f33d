package filetype

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

const (
	oleMagic      = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	oleDirectory  = 64 // sectors of the directory that are read at most
	oleEntry      = 128
	oleEndOfChain = 0xfffffffe
)

// detectOLE tells compound files (MS-CFB) apart by the names of their streams.
func detectOLE(c content) (Type, error) {
	names, err := streamNames(c)
	if err != nil {
		return Unknown, err
	}
	kingsoft := false
	for n := range names {
		kingsoft = kingsoft || n == "WpsCustomData" || n == "ETExtData" || strings.HasPrefix(n, "KSO")
	}
	pick := func(usual, wps Type) (Type, error) {
		if kingsoft {
			return wps, nil
		}
		return usual, nil
	}
	switch {
	case names["EncryptedPackage"]:
		return sealed, nil
	case names["WordDocument"]:
		return pick(DOC, WPS)
	case names["Workbook"], names["Book"]:
		return pick(XLS, ET)
	case names["PowerPoint Document"]:
		return pick(PPT, DPS)
	case names["__properties_version1.0"], names["__nameid_version1.0"]:
		return outlook, nil
	case names["\u4840\u3f7f\u4164\u422f\u4836"], names["\u4840\u3b3f\u43f2\u4438\u45b1"]: // MSI's squeezed table names
		return installer, nil
	}
	return compound, nil
}

// streamNames walks the directory's chain of sectors. The chain is followed through the sectors of the allocation table that
// the header names (enough for a directory below 7 MB); a malformed one ends early.
func streamNames(c content) (map[string]bool, error) {
	names := map[string]bool{}
	header, err := c.at(0, 512)
	if header == nil {
		return names, err
	}
	shift := binary.LittleEndian.Uint16(header[30:])
	if shift != 9 && shift != 12 {
		return names, nil
	}
	sector := binary.LittleEndian.Uint32(header[48:])
	for range oleDirectory {
		b, err := c.at((int64(sector)+1)<<shift, 1<<shift)
		if b == nil {
			return names, err
		}
		for ; len(b) >= oleEntry; b = b[oleEntry:] {
			if name := entryName(b); name != "" {
				names[name] = true
			}
		}
		if sector, err = nextSector(c, header, sector, shift); err != nil || sector >= oleEndOfChain-1 {
			return names, err
		}
	}
	return names, nil
}

func nextSector(c content, header []byte, sector uint32, shift uint16) (uint32, error) {
	per := uint32(1) << (shift - 2)
	i := sector / per
	if i >= 109 {
		return oleEndOfChain, nil
	}
	table := binary.LittleEndian.Uint32(header[76+4*i:])
	b, err := c.at((int64(table)+1)<<shift+int64(sector%per)*4, 4)
	if b == nil {
		return oleEndOfChain, err
	}
	return binary.LittleEndian.Uint32(b), nil
}

// entryName is the UTF-16 name of a directory entry; its length in bytes counts the closing zero.
func entryName(e []byte) string {
	n := int(binary.LittleEndian.Uint16(e[64:]))/2 - 1
	if n <= 0 || n > 31 {
		return ""
	}
	u := make([]uint16, n)
	for i := range u {
		u[i] = binary.LittleEndian.Uint16(e[2*i:])
	}
	return string(utf16.Decode(u))
}
