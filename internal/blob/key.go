package blob

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxKey is the longest key in bytes. S3 allows 1024; the embedded store keeps
// keys as paths and in file attributes, which are shorter.
const maxKey = 512

// checkKey refuses keys that some store would read as another key or as a path
// of its own: the embedded store keeps a key as a path and its own files under
// names that begin with a dot.
func checkKey(key string) error {
	if key == "" || len(key) > maxKey || !utf8.ValidString(key) || strings.Contains(key, "..") ||
		strings.ContainsFunc(key, unicode.IsControl) || strings.Contains(key, `\`) {
		return errKey
	}
	for segment := range strings.SplitSeq(key, "/") {
		if segment == "" || segment[0] == '.' {
			return errKey
		}
	}
	return nil
}
