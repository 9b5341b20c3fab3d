package media

import "bytes"

// sniffed is how much of a file's beginning is searched for what browsers and
// players would take it for. Browsers look at no more than 1,445 bytes.
const sniffed = 2 << 10

// foreign are the beginnings of well-known files that are not evidence.
var foreign = []struct{ prefix, reason, name string }{
	{"PK\x03\x04", ReasonArchive, "zip"},
	{"PK\x05\x06", ReasonArchive, "empty zip"},
	{"Rar!", ReasonArchive, "rar"},
	{"7z\xbc\xaf\x27\x1c", ReasonArchive, "7z"},
	{"\x1f\x8b", ReasonArchive, "gzip"},
	{"\xd0\xcf\x11\xe0", ReasonArchive, "compound office document"},
	{"GIF8", ReasonUnsupported, "gif"},
	{"II*\x00", ReasonUnsupported, "tiff or raw photo"},
	{"MM\x00*", ReasonUnsupported, "tiff or raw photo"},
	{"\x1aE\xdf\xa3", ReasonUnsupported, "matroska or webm"},
	{"RIFF", ReasonUnsupported, "riff"},
	{"\x00\x00\x00\x0cJXL ", ReasonUnsupported, "jpeg xl"},
	{"\xff\x0a", ReasonUnsupported, "jpeg xl"},
	{"\x00\x00\x00\x0cjP  ", ReasonUnsupported, "jpeg 2000"},
	{"FLV\x01", ReasonUnsupported, "flash video"},
	{"OggS", ReasonUnsupported, "ogg"},
	{"ID3", ReasonUnsupported, "mp3"},
	{"\x00\x00\x01\xba", ReasonUnsupported, "mpeg program stream"},
}

// playlists are the beginnings of files that make a player open other files.
var playlists = []string{"#extm3u", "#ext-x-", "[playlist]", "[reference]", "ffconcat", "<smil", "<asx", "<mpd", "<?wpl"}

// markup are the words that make a browser take bytes for a page or a drawing.
var markup = []struct{ word, reason string }{
	{"<svg", ReasonSVG},
	{"<mpd", ReasonPlaylist},
	{"<smil", ReasonPlaylist},
	{"<playlist", ReasonPlaylist},
	{"<!doctype html", ReasonHTML},
	{"<html", ReasonHTML},
	{"<script", ReasonHTML},
	{"<iframe", ReasonHTML},
	{"<?php", ReasonHTML},
}

// rejectForeign says what a file is that no walk knows. head is its beginning.
func rejectForeign(head []byte) error {
	for _, known := range foreign {
		if bytes.HasPrefix(head, []byte(known.prefix)) {
			return refuse(known.reason, "%s", known.name)
		}
	}
	if len(head) >= 10 && string(head[:2]) == "BM" && be.Uint32(head[6:]) == 0 { // two letters alone could be text
		return refuse(ReasonUnsupported, "bmp")
	}

	text := bytes.ToLower(head[:min(len(head), sniffed)])
	text = bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), " \t\r\n\x00")
	for _, list := range playlists {
		if bytes.HasPrefix(text, []byte(list)) {
			return refuse(ReasonPlaylist, "begins with %s", list)
		}
	}
	if word, reason := findMarkup(text); word != "" {
		return refuse(reason, "contains %s", word)
	}
	return refuse(ReasonNotMedia, "begins with %.16q", head[:min(len(head), 16)])
}

// findMarkup looks for markup in lower-case bytes.
func findMarkup(text []byte) (word, reason string) {
	for _, m := range markup {
		if bytes.Contains(text, []byte(m.word)) {
			return m.word, m.reason
		}
	}
	return "", ""
}

// refusePolyglot refuses media that is a web page or an archive as well: the
// same bytes must not be one thing to the gate and another to a program that opens
// them later. end is where the media's own structure ends.
//
// Bytes after the end are no fault in themselves: phones append previews,
// gain maps, motion clips and padding.
func refusePolyglot(s *source, end int64) error {
	for _, pos := range []int64{0, end} {
		if pos >= s.size {
			continue
		}
		b, err := s.from(pos, int(min(sniffed, s.size-pos)))
		if err != nil {
			return err
		}
		if word, _ := findMarkup(bytes.ToLower(b[:min(len(b), sniffed)])); word != "" {
			return refuse(ReasonPolyglot, "%s behind %d", word, pos)
		}
	}
	return refuseZIP(s)
}

// zipEnd is the size of a ZIP's closing record without its comment, which may
// have up to 65,535 bytes.
const zipEnd = 22

// refuseZIP looks for a ZIP as its readers do, from the end of the file: the
// closing record, and the central directory that it points to. Both are
// required, because the four bytes of the record alone occur by chance.
func refuseZIP(s *source) error {
	start := max(0, s.size-windowSize)
	b, err := s.from(start, int(s.size-start))
	if err != nil {
		return err
	}
	var directories []int64
	for at := 0; len(b)-at >= zipEnd; at++ {
		i := bytes.Index(b[at:], []byte("PK\x05\x06"))
		if i < 0 || len(b)-at-i < zipEnd {
			break
		}
		at += i
		if at >= 20 && string(b[at-20:at-16]) == "PK\x06\x07" { // the large variant says the rest elsewhere
			return refuse(ReasonPolyglot, "zip64 record at %d", start+int64(at))
		}
		// The directory lies directly before the record, whatever was put
		// before the archive.
		size := int64(le.Uint32(b[at+12:]))
		if directory := start + int64(at) - size; size >= 46 && directory >= 0 {
			directories = append(directories, directory)
		}
	}

	if len(directories) > 16 { // no photo has one
		return refuse(ReasonPolyglot, "%d zip records", len(directories))
	}
	for _, directory := range directories {
		if b, err = s.from(directory, 4); err != nil {
			return err
		}
		if string(b[:4]) == "PK\x01\x02" {
			return refuse(ReasonPolyglot, "zip directory at %d", directory)
		}
	}
	return nil
}
