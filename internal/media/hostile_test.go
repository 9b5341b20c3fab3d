package media_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/media"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// Builders of small files, so that each hostile one differs from a good one in
// a single place.

func join(parts ...string) string { return strings.Join(parts, "") }

func u16(n int) string { return string(binary.BigEndian.AppendUint16(nil, uint16(n))) }
func u32(n int) string { return string(binary.BigEndian.AppendUint32(nil, uint32(n))) }

func segment(marker byte, data string) string {
	return join("\xff", string([]byte{marker}), u16(len(data)+2), data)
}

func frame(width, height int) string {
	return segment(0xc0, join("\x08", u16(height), u16(width), "\x01\x01\x11\x00"))
}

const scan = "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"

// jpegOf is a grey JPEG with the segments between its start and its only scan.
func jpegOf(segments ...string) string {
	return join("\xff\xd8", join(segments...), scan, strings.Repeat("\x2a", 64), "\xff\xd9")
}

func chunk(kind, data string) string {
	return join(u32(len(data)), kind, data, u32(int(crc32.ChecksumIEEE([]byte(kind+data)))))
}

func pngOf(width, height int, chunks ...string) string {
	return join("\x89PNG\r\n\x1a\n", chunk("IHDR", join(u32(width), u32(height), "\x08\x02\x00\x00\x00")),
		join(chunks...), chunk("IEND", ""))
}

var pixels = chunk("IDAT", strings.Repeat("\x01", 100))

func boxOf(kind string, content ...string) string {
	all := join(content...)
	return join(u32(len(all)+8), kind, all)
}

func zeros(n int) string { return strings.Repeat("\x00", n) }

// trackOf is a track of that handler with one sample table beside the usual.
func trackOf(handler string, width, height int, tables ...string) string {
	return boxOf("trak",
		boxOf("tkhd", zeros(76), u16(width), "\x00\x00", u16(height), "\x00\x00"),
		boxOf("mdia",
			boxOf("hdlr", zeros(8), handler, zeros(12)),
			boxOf("minf",
				boxOf("dinf", boxOf("dref", zeros(7), "\x01", boxOf("url ", "\x00\x00\x00\x01"))),
				boxOf("stbl", codedAs("avc1"), join(tables...)))))
}

// codedAs is the description of a track's samples.
func codedAs(codec string) string {
	return boxOf("stsd", zeros(4), u32(1), boxOf(codec, zeros(78)))
}

var samples = boxOf("stsz", zeros(8), u32(1), u32(4))

func movieOf(boxes ...string) string {
	return join(boxOf("ftyp", "isom", zeros(4), "isom"),
		boxOf("moov", boxOf("mvhd", zeros(12), u32(1000), u32(1500), zeros(80)), join(boxes...)),
		boxOf("mdat", "data"))
}

// stillOf is a HEIC whose meta box holds these boxes beside the usual.
func stillOf(width, height int, boxes ...string) string {
	return join(boxOf("ftyp", "heic", zeros(4), "mif1heic"),
		boxOf("meta", zeros(4),
			boxOf("hdlr", zeros(8), "pict", zeros(12)),
			boxOf("pitm", zeros(6)),
			boxOf("iprp", boxOf("ipco", boxOf("hvcC", zeros(23)), boxOf("ispe", zeros(4), u32(width), u32(height)))),
			join(boxes...)),
		boxOf("mdat", "data"))
}

// located is an item table with one part.
func located(offset, length int) string {
	return boxOf("iloc", zeros(4), "\x44\x00", u16(1), u16(1), u16(0), u16(1), u32(offset), u32(length))
}

func webpOf(chunks ...string) string {
	all := join(chunks...)
	return join("RIFF", le32(len(all)+4), "WEBP", all)
}

func riff(kind, data string) string { return join(kind, le32(len(data)), data, zeros(len(data)&1)) }
func le32(n int) string             { return string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }

func lossy(width, height int) string {
	size := binary.LittleEndian.AppendUint16(nil, uint16(width))
	size = binary.LittleEndian.AppendUint16(size, uint16(height))
	return riff("VP8 ", join("\x10\x00\x00\x9d\x01\x2a", string(size), zeros(20)))
}

func extended(flags byte, width, height int) string {
	return riff("VP8X", join(string([]byte{flags}), zeros(3), le32(width - 1)[:3], le32(height - 1)[:3]))
}

func archive(t *testing.T) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("evil.html")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write([]byte("x"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The builders' plain files must pass: otherwise what they refuse below would
// prove nothing.
func TestBuiltFilesAreAccepted(t *testing.T) {
	for name, file := range map[string]string{
		"jpeg":                       jpegOf(frame(16, 16)),
		"jpeg with fill bytes":       jpegOf("\xff\xff\xff", frame(16, 16)),
		"jpeg, zeros behind":         jpegOf(frame(16, 16)) + zeros(500),
		"jpeg, unknown bytes behind": jpegOf(frame(16, 16)) + "\x00\x01maker's own",
		"jpeg, motion clip behind":   jpegOf(frame(16, 16)) + movieOf(trackOf("vide", 64, 48, samples)),
		"png":                        pngOf(16, 16, pixels),
		"webp":                       webpOf(lossy(16, 16)),
		"webp, extended":             webpOf(extended(0, 400, 16), lossy(400, 16), riff("EXIF", "abc")),
		"video":                      movieOf(trackOf("vide", 64, 48, samples)),
		"video, large box header":    strings.Replace(movieOf(trackOf("vide", 64, 48, samples)), "\x00\x00\x00\x0cmdat", "\x00\x00\x00\x01mdat"+zeros(7)+"\x14", 1),
		"heic":                       stillOf(64, 48, located(0, 8)),
		"pdf with blanks behind":     document + strings.Repeat(" \n", 200),
	} {
		if _, err := inspect([]byte(file)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHostileFilesAreRefused(t *testing.T) {
	deep := samples
	for range 20 {
		deep = boxOf("mdia", deep)
	}
	photo := string(testkit.Photo(t, 0))

	for name, test := range map[string]struct{ file, want string }{
		"jpeg of a billion pixels":     {jpegOf(frame(65535, 65535)), media.ReasonTooManyPixels},
		"jpeg of 90 million in a line": {jpegOf(frame(9500, 9500)), media.ReasonTooLittleData},
		"jpeg without area":            {jpegOf(frame(0, 16)), media.ReasonCorrupt},
		"jpeg with 101 scans":          {jpegOf(frame(16, 16), strings.Repeat(scan+"\x2a", 100)), media.ReasonScanBomb},
		"jpeg with 2,001 segments":     {jpegOf(strings.Repeat(segment(0xfe, ""), 2001), frame(16, 16)), media.ReasonTooComplex},
		"jpeg, two frames":             {jpegOf(frame(16, 16), frame(16, 16)), media.ReasonCorrupt},
		"jpeg, 12 bits":                {jpegOf(segment(0xc1, "\x0c\x00\x10\x00\x10\x01\x01\x11\x00")), media.ReasonUnsupported},
		"jpeg, lossless":               {jpegOf(segment(0xc3, "\x08\x00\x10\x00\x10\x01\x01\x11\x00")), media.ReasonUnsupported},
		"jpeg, bad table":              {jpegOf(segment(0xdb, "\x07"+zeros(64)), frame(16, 16)), media.ReasonCorrupt},
		"jpeg, short huffman table":    {jpegOf(segment(0xc4, "\x00\xff"+zeros(15)), frame(16, 16)), media.ReasonCorrupt},
		"jpeg without frame":           {jpegOf(), media.ReasonCorrupt},
		"jpeg with page behind":        {photo + "<HTML><body>", media.ReasonPolyglot},
		"jpeg with page in a comment":  {jpegOf(segment(0xfe, "<script>alert(1)</script>"), frame(16, 16)), media.ReasonPolyglot},
		"jpeg with archive behind":     {photo + archive(t), media.ReasonPolyglot},
		"jpeg with archive and junk":   {photo + archive(t) + zeros(60_000), media.ReasonPolyglot},
		"jpeg with archive in comment": {jpegOf(segment(0xfe, archive(t)), frame(16, 16)), media.ReasonPolyglot},
		"jpeg with 17 zip records":     {photo + strings.Repeat("PK\x05\x06"+zeros(8)+"\x2e"+zeros(9), 17), media.ReasonPolyglot},
		"jpeg with large zip":          {photo + "PK\x06\x07" + zeros(16) + "PK\x05\x06" + strings.Repeat("\xff", 16) + zeros(2), media.ReasonPolyglot},

		"png of a billion pixels":     {pngOf(40000, 40000, pixels), media.ReasonTooManyPixels},
		"png of 64 million in a line": {pngOf(8000, 8000, pixels), media.ReasonTooLittleData},
		"png of negative size":        {pngOf(-1, 16, pixels), media.ReasonTooManyPixels},
		"png, huge text":              {pngOf(16, 16, chunk("zTXt", zeros(256<<10+1)), pixels), media.ReasonTooComplex},
		"png, 1,001 texts":            {pngOf(16, 16, strings.Repeat(chunk("tEXt", "a"), 1001), pixels), media.ReasonTooComplex},
		"png, animated":               {pngOf(16, 16, chunk("acTL", zeros(8)), pixels), media.ReasonAnimated},
		"png, flipped bit":            {strings.Replace(pngOf(16, 16, pixels), "\x01\x01\x01", "\x01\x03\x01", 1), media.ReasonCorrupt},
		"png, odd colours":            {strings.Replace(pngOf(16, 16, pixels), "\x08\x02\x00", "\x08\x05\x00", 1), media.ReasonCorrupt},
		"png, two headers":            {pngOf(16, 16, chunk("IHDR", zeros(13)), pixels), media.ReasonCorrupt},

		"webp of 250 million pixels":   {webpOf(lossy(16383, 16383)), media.ReasonTooManyPixels},
		"webp canvas beside picture":   {webpOf(extended(0, 4000, 4000), lossy(16, 16)), media.ReasonCorrupt},
		"webp, animation flag":         {webpOf(extended(2, 16, 16), lossy(16, 16)), media.ReasonAnimated},
		"webp, animation frames":       {webpOf(lossy(16, 16), riff("ANMF", zeros(16))), media.ReasonAnimated},
		"webp without a picture":       {webpOf(riff("EXIF", "abcd")), media.ReasonCorrupt},
		"webp, two pictures":           {webpOf(lossy(16, 16), lossy(16, 16)), media.ReasonCorrupt},
		"webp, 1,001 chunks":           {webpOf(lossy(16, 16), strings.Repeat(riff("abcd", ""), 1000)), media.ReasonTooComplex},
		"webp, chunk beyond the end":   {webpOf("VP8 \xff\x00\x00\x00" + zeros(30)), media.ReasonTruncated},
		"webp, partition beyond chunk": {strings.Replace(webpOf(lossy(16, 16)), "\x10\x00\x00\x9d", "\x10\xff\x00\x9d", 1), media.ReasonTruncated},

		"video without pictures":    {movieOf(trackOf("soun", 0, 0, samples)), media.ReasonNoVideo},
		"video without samples":     {movieOf(trackOf("vide", 64, 48, boxOf("stsz", zeros(12)))), media.ReasonNoVideo},
		"video without size":        {movieOf(trackOf("vide", 0, 0, samples)), media.ReasonCorrupt},
		"video of a billion pixels": {movieOf(trackOf("vide", 40000, 40000, samples)), media.ReasonTooManyPixels},
		"video, huge sample table":  {movieOf(trackOf("vide", 64, 48, boxOf("stsz", zeros(8), u32(1<<30)))), media.ReasonCorrupt},
		"video, huge even samples":  {movieOf(trackOf("vide", 64, 48, boxOf("stsz", zeros(4), u32(1), u32(1<<30)))), media.ReasonCorrupt},
		"video, huge time table":    {movieOf(trackOf("vide", 64, 48, samples, boxOf("stts", zeros(4), u32(1<<30)))), media.ReasonCorrupt},
		"video, chunk beyond end":   {movieOf(trackOf("vide", 64, 48, samples, boxOf("stco", zeros(4), u32(1), u32(1<<30)))), media.ReasonTruncated},
		"video, coded as AV1":       {strings.Replace(movieOf(trackOf("vide", 64, 48, samples)), "avc1", "av01", 1), media.ReasonUnsupported},
		"video, coding unnamed":     {strings.Replace(movieOf(trackOf("vide", 64, 48, samples)), "stsd", "free", 1), media.ReasonUnsupported},
		"video, data elsewhere": {movieOf(trackOf("vide", 64, 48, samples),
			boxOf("dinf", boxOf("dref", zeros(7), "\x01", boxOf("url ", zeros(4), "file:///etc/passwd")))), media.ReasonExternalReference},
		"video, deep":              {movieOf(deep), media.ReasonTooComplex},
		"video, 100,001 boxes":     {movieOf(strings.Repeat(boxOf("free"), 100_001)), media.ReasonTooComplex},
		"video, child overruns":    {movieOf(trackOf("vide", 64, 48, "\x00\x00\xff\xffstts")), media.ReasonCorrupt},
		"video, two headers":       {movieOf(trackOf("vide", 64, 48, samples)) + boxOf("moov"), media.ReasonCorrupt},
		"video, header of 65 MB":   {boxOf("ftyp", "isom") + boxOf("moov", zeros(65<<20)), media.ReasonTooComplex},
		"video, page in free box":  {boxOf("ftyp", "isom") + boxOf("free", "<html>") + movieOf(trackOf("vide", 64, 48, samples)), media.ReasonPolyglot},
		"video with archive":       {movieOf(trackOf("vide", 64, 48, samples)) + archive(t), media.ReasonPolyglot},
		"raw photo in video boxes": {boxOf("ftyp", "crx ", zeros(4)), media.ReasonUnsupported},

		"heic of 60 million pixels": {stillOf(8000, 7500), media.ReasonTooManyPixels},
		"heic, size overflows":      {stillOf(-1, -1), media.ReasonTooManyPixels},
		"heic, part beyond the end": {stillOf(64, 48, located(100, 1<<30)), media.ReasonTruncated},
		"heic, part wraps around":   {stillOf(64, 48, boxOf("iloc", "\x00\x00\x00\x00\x88\x00", u16(1), u16(1), u16(0), u16(1), strings.Repeat("\xff", 16))), media.ReasonTruncated},
		"heic, short item table":    {stillOf(64, 48, boxOf("iloc", zeros(4), "\x44\x00", u16(9))), media.ReasonCorrupt},
		"heic, endless item table":  {stillOf(64, 48, boxOf("iloc", zeros(4), "\x00\x00", u16(2), strings.Repeat(u16(1)+u16(0)+"\xff\xff", 2))), media.ReasonTooComplex},
		"heic without coded data":   {strings.Replace(stillOf(64, 48), "hvcC", "free", 1), media.ReasonUnsupported},
		"heic sequence":             {strings.Replace(stillOf(64, 48), "heic", "hevc", 1), media.ReasonAnimated},

		"pdf with page in front": {strings.Replace(document, "1 0 obj", "<script>alert(1)</script>", 1), media.ReasonPolyglot},
		"pdf with archive":       {document + archive(t), media.ReasonPolyglot},
		"pdf, table beyond end":  {strings.Replace(document, "\n45\n", "\n4500\n", 1), media.ReasonCorrupt},
		"pdf, table nowhere":     {strings.Replace(document, "\n45\n", "\n-45\n", 1), media.ReasonCorrupt},
	} {
		if _, err := inspect([]byte(test.file)); reason(err) != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

var errNetwork = errors.New("connection reset")

// flaky fails from its nth read on, and counts what is asked of it.
type flaky struct {
	file         []byte
	good         int // reads that succeed
	err          error
	reads, bytes int
	outside      bool // a read went beyond the file
	largest      int
}

func (f *flaky) ReadAt(p []byte, off int64) (int, error) {
	f.reads++
	f.bytes += len(p)
	f.largest = max(f.largest, len(p))
	f.outside = f.outside || off < 0 || off+int64(len(p)) > int64(len(f.file))
	if f.reads > f.good {
		return 0, f.err
	}
	return bytes.NewReader(f.file).ReadAt(p, off)
}

// A store that fails is no verdict on the file, wherever the failure falls.
func TestFailedReadIsNoRefusal(t *testing.T) {
	for name, file := range map[string][]byte{
		"jpeg":     picture(t, "hugo-issue-8996.jpg"),
		"png":      picture(t, "bep/sunrise.png"),
		"webp":     picture(t, "bep/sunrise.webp"),
		"heic":     picture(t, "iphone.heic"),
		"mp4":      mp4(t),
		"mov":      mov(t),
		"pdf":      []byte(document),
		"stranger": []byte("text"),
	} {
		for _, cause := range []error{errNetwork, io.EOF} {
			want := cause
			if errors.Is(cause, io.EOF) { // the file ends before the size it should have
				want = io.ErrUnexpectedEOF
			}
			for good := 0; ; good++ {
				r := &flaky{file: file, good: good, err: cause}
				_, err := media.Inspect(r, int64(len(file)))
				if r.reads <= good {
					break // these reads suffice
				}
				var refusal *media.Refusal
				if !errors.Is(err, want) || errors.As(err, &refusal) {
					t.Fatalf("%s, failing after %d reads: %v", name, good, err)
				}
			}
		}
	}
}

func TestWorkIsBounded(t *testing.T) {
	large := []string{
		string(testkit.LargeVideo(t, 20<<20)),
		jpegOf(strings.Repeat("\xff", 4<<20), frame(16, 16)),
		jpegOf(frame(16, 16), scan, strings.Repeat("\xff\x00", 2<<20)),
		movieOf(trackOf("vide", 64, 48, samples, boxOf("stco", zeros(4), u32(1<<20), zeros(4<<20)))),
	}
	for i, file := range large {
		r := &flaky{file: []byte(file), good: 1 << 30}
		if _, err := media.Inspect(r, int64(len(file))); err != nil {
			t.Errorf("%d: %v", i, err)
		}
		checkReads(t, r)
	}

	// Of a video, nothing but its headers has to be read.
	r := &flaky{file: []byte(large[0]), good: 1 << 30}
	if _, err := media.Inspect(r, int64(len(r.file))); err != nil || r.bytes > 1<<20 {
		t.Errorf("%d bytes read to judge a video of %d, %v", r.bytes, len(r.file), err)
	}
}

// checkReads holds Inspect to its promise: one window, inside the file, about
// twice over at most.
func checkReads(t *testing.T, r *flaky) {
	t.Helper()
	const window = 66 << 10
	if r.outside || r.largest > window || r.bytes > 3*len(r.file)+8*window || r.reads > len(r.file)/(window/4)+40 {
		t.Errorf("file of %d bytes: %d reads, %d bytes, largest %d, outside %t",
			len(r.file), r.reads, r.bytes, r.largest, r.outside)
	}
}

func TestSizeThatCannotBe(t *testing.T) {
	_, err := media.Inspect(strings.NewReader("x"), -1)
	if want := "error: "; !strings.HasPrefix(reason(err), want) {
		t.Errorf("%v", err)
	}
}

// FuzzInspect: whatever the bytes, there is a verdict without a panic, within
// bounds, and an accepted file has facts.
func FuzzInspect(f *testing.F) {
	for _, seed := range []string{
		jpegOf(frame(16, 16)), pngOf(16, 16, pixels), webpOf(lossy(16, 16)), webpOf(extended(0, 16, 16), lossy(16, 16)),
		movieOf(trackOf("vide", 64, 48, samples, boxOf("stsd", zeros(60)), boxOf("co64", zeros(7), "\x01", zeros(8)))),
		stillOf(64, 48, located(0, 8)), document, "#EXTM3U\n", "PK\x03\x04", "<svg>",
	} {
		f.Add([]byte(seed))
	}
	types := []string{"image/jpeg", "image/png", "image/webp", "image/heic", "image/avif", "video/mp4", "video/quicktime", "application/pdf"}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &flaky{file: b, good: 1 << 30}
		facts, err := media.Inspect(r, int64(len(b)))
		checkReads(t, r)

		if got := reason(err); strings.HasPrefix(got, "error: ") {
			t.Fatal(got)
		}
		switch {
		case err != nil && facts != media.Facts{}:
			t.Errorf("refused with facts %+v", facts)
		case err == nil && !slices.Contains(types, facts.MediaType):
			t.Errorf("%+v", facts)
		case err == nil && facts.Kind != rule.Document && (facts.Width < 1 || facts.Height < 1 || facts.Width*facts.Height > media.MaxPixels):
			t.Errorf("%+v", facts)
		case facts.Duration < 0:
			t.Errorf("%+v", facts)
		}
	})
}
