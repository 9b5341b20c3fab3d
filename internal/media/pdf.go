package media

import (
	"bytes"
	"strconv"

	"github.com/cleargrid/cleargrid/internal/rule"
)

// pdfTail is how far from the end a reader looks for the end marker. Scanners
// and mail gateways append blanks and small signatures.
const pdfTail = 4 << 10

// inspectPDF accepts a document that has both its ends: the header at the very
// first byte, and the pointer to its cross-reference table with the end marker
// behind it. It does not look into the (compressed) objects: scripts and
// passwords inside are the viewer's business.
func inspectPDF(s *source) (Facts, int64, error) {
	b, err := s.from(0, int(min(s.size, 8)))
	if err != nil {
		return Facts{}, 0, err
	}
	if len(b) < 8 || b[5] != '1' && b[5] != '2' || b[6] != '.' {
		return Facts{}, 0, refuse(ReasonCorrupt, "pdf: header %q", b[:min(len(b), 8)])
	}

	start := max(0, s.size-pdfTail)
	if b, err = s.from(start, int(s.size-start)); err != nil {
		return Facts{}, 0, err
	}
	pointer := bytes.LastIndex(b, []byte("startxref"))
	marker := bytes.LastIndex(b, []byte("%%EOF"))
	if pointer < 0 || marker < pointer {
		return Facts{}, 0, refuse(ReasonTruncated, "pdf: no end marker")
	}
	number := string(bytes.TrimSpace(b[pointer+len("startxref") : marker]))
	table, err := strconv.ParseInt(number, 10, 64)
	if err != nil || table < 0 || table >= s.size {
		return Facts{}, 0, refuse(ReasonCorrupt, "pdf: cross-reference table at %.20q of %d", number, s.size)
	}
	return Facts{MediaType: "application/pdf", Kind: rule.Document}, start + int64(marker+len("%%EOF")), nil
}
