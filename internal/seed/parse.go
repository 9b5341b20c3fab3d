package seed

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// maxFileBytes is far above any real file; more is a mistaken path.
const maxFileBytes = 1 << 20

// ParseCampaign reads a campaign file strictly and validates it. A text that is
// not YAML, an unknown or double key and a value of the wrong type are refused
// with their line; otherwise every fault of the content is named at once. What
// the policy leaves out is filled from rule.DefaultPolicy. Every refusal is a
// BAD_USER_INPUT with fields.
func ParseCampaign(r io.Reader) (*CampaignFile, error) {
	var c CampaignFile
	if err := readFile(r, &c); err != nil {
		return nil, err
	}

	// Defaults replace what is zero, so a value below zero must be seen first.
	var in fault.Input
	checkPolicyNumbers(&in, c.Policy)
	c.Policy = c.Policy.WithDefaults()
	c.check(&in)
	if err := in.Err(); err != nil {
		return nil, err
	}
	return &c, nil
}

// readFile reads the one YAML document of a file strictly.
func readFile(r io.Reader, into any) error {
	text, err := io.ReadAll(io.LimitReader(r, maxFileBytes+1))
	if err != nil {
		return fault.Bad("file", "unreadable", fault.T("无法读取文件。", "The file cannot be read.")).Because(err)
	}
	if len(text) > maxFileBytes {
		return fault.Bad("file", "too_large", fault.T("文件超过 1 MiB。", "The file is larger than 1 MiB."))
	}
	d := yaml.NewDecoder(strings.NewReader(string(text)), yaml.Strict())
	if err := d.Decode(into); err != nil {
		return yamlFault(err)
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return fault.Bad("file", "several_documents",
			fault.T("一个文件只能写一份内容（不能有第二个“---”）。", `A file holds one document: no second "---".`))
	}
	return nil
}

// yamlFault turns the decoder's first complaint into a field whose path is the
// line, because a misspelt key has no better place.
func yamlFault(err error) error {
	if errors.Is(err, io.EOF) {
		return fault.Bad("file", "empty", fault.T("文件是空的。", "The file is empty."))
	}
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil || at.GetToken().Position == nil {
		return fault.Bad("file", "not_yaml", fault.T("文件不是有效的 YAML。", "The file is not valid YAML.")).Because(err)
	}
	line, word := at.GetToken().Position.Line, at.GetToken().Value
	path := fmt.Sprintf("line %d", line)

	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		return fault.Bad(path, "unknown_key", fault.Tf("第 %d 行：没有 %q 这个键。", "Line %d: there is no key %q.", line, word))
	}
	return fault.Bad(path, "unreadable", fault.Tf("第 %d 行无法读取（%s）。请检查缩进、值的类型和重复的键。",
		"Line %d cannot be read (%s). Check indentation, types of values and double keys.", line, at.GetMessage())).Because(err)
}
