package model

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"github.com/cleargrid/cleargrid/internal/fault"
)

var (
	textInt64  = fault.T("须为 64 位整数（数字，不加引号）。", "This is a whole number of 64 bits, not in quotes.")
	textSHA256 = fault.T("须为 64 位小写十六进制的 SHA-256 值。", "A SHA-256 has 64 hexadecimal digits in lower case.")
)

// MarshalInt64 writes a number. The API uses Int64 for sizes, which stay below
// the 2^53 that JavaScript counts exactly.
func MarshalInt64(n int64) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.FormatInt(n, 10)) })
}

// UnmarshalInt64 reads a whole number written as one: not in quotes, without
// fraction or exponent. Its errors are BAD_USER_INPUT.
func UnmarshalInt64(v any) (int64, error) {
	switch v := v.(type) {
	case int64:
		return v, nil
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return n, nil
		}
	}
	return 0, fault.Bad("", "not_an_int64", textInt64)
}

// MarshalSha256 writes a hash as it is kept: hexadecimal, lower case.
func MarshalSha256(hash string) graphql.Marshaler { return graphql.MarshalString(hash) }

// UnmarshalSha256 reads 64 hexadecimal digits in lower case, so that equal
// hashes are equal texts. Its errors are BAD_USER_INPUT.
func UnmarshalSha256(v any) (string, error) {
	hash, ok := v.(string)
	if !ok || len(hash) != 64 || strings.Trim(hash, "0123456789abcdef") != "" {
		return "", fault.Bad("", "not_a_sha256", textSHA256)
	}
	return hash, nil
}

// Upload is the file of a multipart request. It is read while the request
// arrives, and once.
type Upload struct{ io.Reader }

var textUpload = fault.T("文件只能随 multipart 请求发送。", "A file comes in a multipart request only.")

// UnmarshalUpload takes the file that the transport has put into the variables.
// Whatever a client writes in its place is BAD_USER_INPUT.
func UnmarshalUpload(v any) (Upload, error) {
	if file, ok := v.(io.Reader); ok { // no value of JSON is one
		return Upload{file}, nil
	}
	return Upload{}, fault.Bad("", "not_an_upload", textUpload)
}

// MarshalUpload is never called, for a file is input only; but gqlgen knows a scalar
// by its function of this name.
func MarshalUpload(Upload) graphql.Marshaler { return graphql.Null }
