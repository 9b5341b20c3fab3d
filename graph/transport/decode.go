package transport

import (
	stdjson "encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cleargrid/cleargrid/internal/fault"
)

var (
	errNotJSON = fault.New(fault.BadUserInput, "request.not_json",
		fault.T("请求不是一个有效的 JSON 对象。", "The request is not one valid JSON object."))
	errBatch = fault.New(fault.BadUserInput, "request.batch",
		fault.T("不支持数组形式的批量请求。", "Batches in an array are not supported."))
	errTwice = fault.New(fault.BadUserInput, "request.duplicate_key",
		fault.T("请求中同一个键出现了两次。", "A key of the request appears twice."))
	errUnknownKey = fault.New(fault.BadUserInput, "request.unknown_key",
		fault.T("请求只能包含 query、operationName、variables、extensions。", "A request holds query, operationName, variables and extensions, nothing else."))
	errTooNested = fault.New(fault.BadUserInput, "request.too_nested",
		fault.T("请求的 JSON 嵌套过深。", "The request's JSON is nested too deeply."))
	errQueryMissing = fault.Bad("query", "required",
		fault.T("缺少 query。", "The query is missing."))

	textWrongType = fault.T("此项的类型不对。", "This value has the wrong type.")
)

// decodeRequest reads the body of a request. It is stricter than encoding/json:
// exact keys, each once, nothing unknown, nothing after the object, UTF-8 only.
// Its errors are of kind BAD_USER_INPUT and quote nothing.
func decodeRequest(body []byte) (*graphql.RawParams, error) {
	value, err := decodeStrict(body)
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	switch {
	case ok:
	case isArray(value):
		return nil, errBatch
	default:
		return nil, errNotJSON
	}
	return requestFrom(object)
}

// requestFrom reads the four entries of a request.
func requestFrom(object map[string]any) (*graphql.RawParams, error) {
	params := &graphql.RawParams{}
	for key, v := range object {
		if v == nil && key != "query" {
			continue
		}
		var ok bool
		switch key {
		case "query":
			params.Query, ok = v.(string)
		case "operationName":
			params.OperationName, ok = v.(string)
		case "variables":
			params.Variables, ok = v.(map[string]any)
		case "extensions":
			params.Extensions, ok = v.(map[string]any)
		default:
			return nil, errUnknownKey
		}
		if !ok {
			return nil, wrongType(key)
		}
	}
	if params.Query == "" {
		return nil, errQueryMissing
	}
	return params, nil
}

// wrongType is for one of the four known keys only.
func wrongType(key string) error { return fault.Bad(key, "type", textWrongType) }

func isArray(v any) bool {
	_, ok := v.([]any)
	return ok
}

// maxJSONDepth bounds the nesting of a request's JSON. An input object of the
// API nests five levels.
const maxJSONDepth = 64

// decodeStrict reads exactly one JSON value in UTF-8, each key of an object once.
// Numbers stay as written; half a surrogate pair in an escape is read as U+FFFD.
func decodeStrict(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, errNotJSON
	}
	var v any
	err := json.Unmarshal(text, &v, json.WithUnmarshalers(json.UnmarshalFromFunc(decodeAny)), jsontext.AllowInvalidUTF8(true))
	switch {
	case errors.Is(err, errTooNested):
		return nil, errTooNested
	case errors.Is(err, jsontext.ErrDuplicateName):
		return nil, errTwice
	case err != nil:
		return nil, errNotJSON
	}
	return v, nil
}

// decodeAny reads numbers and bounds the nesting; the library reads the rest.
func decodeAny(dec *jsontext.Decoder, v *any) error {
	switch kind := dec.PeekKind(); {
	case kind == '0':
		number, err := dec.ReadValue()
		*v = stdjson.Number(number)
		return err
	case (kind == '{' || kind == '[') && dec.StackDepth() == maxJSONDepth:
		return errTooNested
	}
	return json.SkipFunc
}
