package filetype

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// Limits on what is read of an archive's directory: enough for every real Office file, little for a hostile one.
const (
	zipTail      = 66 << 10 // the end record and the longest comment
	zipDirectory = 1 << 20
	zipEntries   = 4096
)

// detectZip tells the formats that are ZIP archives apart by the names of their entries and the "mimetype" entry.
func detectZip(c content) (Type, error) {
	names, err := centralNames(c)
	if err != nil {
		return Unknown, err
	}
	if len(names) == 0 {
		names = localNames(c.head)
	}
	if t, ok := declared(c.head); ok {
		return t, nil
	}
	return byNames(names), nil
}

// byNames decides by entry names. An Office file has both its part list and its folder.
func byNames(names []string) Type {
	has := map[string]bool{}
	for _, n := range names {
		n = strings.TrimPrefix(strings.ReplaceAll(n, `\`, "/"), "/")
		has[n] = true
		if dir, _, ok := strings.Cut(n, "/"); ok {
			has[dir+"/"] = true
		}
	}
	switch {
	case has["OFD.xml"]:
		return OFD
	case !has["[Content_Types].xml"]:
		return Zip
	case has["word/"]:
		return DOCX
	case has["xl/"]:
		return XLSX
	case has["ppt/"]:
		return PPTX
	}
	return Zip
}

// declared reads the stored "mimetype" entry with which OpenDocument and EPUB files begin.
func declared(head []byte) (Type, bool) {
	const at = 30 + len("mimetype")
	if len(head) < at+64 || string(head[30:at]) != "mimetype" {
		return Type{}, false
	}
	for prefix, t := range map[string]Type{
		"application/vnd.oasis.opendocument.text":         odt,
		"application/vnd.oasis.opendocument.spreadsheet":  ods,
		"application/vnd.oasis.opendocument.presentation": odp,
		"application/epub+zip":                            epub,
	} {
		if bytes.HasPrefix(head[at:], []byte(prefix)) {
			return t, true
		}
	}
	return Type{}, false
}

// centralNames reads the names in the central directory, or none where it is out of reach or malformed.
func centralNames(c content) ([]string, error) {
	n := min(c.size, zipTail)
	tail, err := c.at(c.size-n, int(n))
	if tail == nil {
		return nil, err
	}
	end := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if end < 0 || len(tail)-end < 22 {
		return nil, nil
	}
	size, off := binary.LittleEndian.Uint32(tail[end+12:]), binary.LittleEndian.Uint32(tail[end+16:])
	dir, err := c.at(int64(off), int(min(size, zipDirectory)))
	if dir == nil {
		return nil, err
	}
	return entryNames(dir, "PK\x01\x02", 46, func(e []byte) (name, skip int) {
		name = int(binary.LittleEndian.Uint16(e[28:]))
		return name, int(binary.LittleEndian.Uint16(e[30:])) + int(binary.LittleEndian.Uint16(e[32:]))
	}), nil
}

// localNames reads the names of the entries whose headers stand in the head, as far as their sizes lead from one to the next.
func localNames(head []byte) []string {
	return entryNames(head, "PK\x03\x04", 30, func(e []byte) (name, skip int) {
		name = int(binary.LittleEndian.Uint16(e[26:]))
		return name, int(binary.LittleEndian.Uint16(e[28:])) + int(binary.LittleEndian.Uint32(e[18:]))
	})
}

func entryNames(b []byte, magic string, fixed int, lengths func([]byte) (name, skip int)) (names []string) {
	for len(b) >= fixed && string(b[:4]) == magic && len(names) < zipEntries {
		name, skip := lengths(b)
		if fixed+name > len(b) {
			break
		}
		names = append(names, string(b[fixed:fixed+name]))
		if skip > len(b)-fixed-name {
			break
		}
		b = b[fixed+name+skip:]
	}
	return names
}
