package web

import (
	"bytes"
	"context"
	"html/template"
	"net/http"

	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/fault"
)

var verifyPage = template.Must(template.ParseFS(pages, "pages/verify.html"))

// verification is what the page of one notice says.
type verification struct {
	Language, Title, Verdict, Advice string
	Rows                             []verificationRow
}

type verificationRow struct{ Name, Value string }

// Verify serves /verify/{code}: whether a printed rectification notice is
// genuine, by its code or its number, to everybody. It tells number, date, hash
// and whether the notice still holds, and nothing else; without JavaScript, in
// Chinese or English as the browser asks. 404 for what nobody has issued.
func Verify(check func(ctx context.Context, code string) (*app.NoticeProof, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		language := transport.Language(r)
		proof, err := check(r.Context(), r.PathValue("code"))
		status := http.StatusOK
		switch {
		case fault.Is(err, fault.NotFound):
			status = http.StatusNotFound
		case err != nil:
			status = http.StatusServiceUnavailable
		}
		var page bytes.Buffer
		if err := verifyPage.Execute(&page, sayOf(proof, status, language)); err != nil {
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		protect(w.Header(), policyFor(""))
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Vary", "Accept-Language")
		w.WriteHeader(status)
		_, _ = page.WriteTo(w)
	})
}

func sayOf(p *app.NoticeProof, status int, language string) verification {
	in := func(zh, en string) string { return fault.T(zh, en).In(language) }
	v := verification{Language: in("zh-CN", "en"), Title: in("隐患整改通知书核验", "Check of a rectification notice")}
	switch {
	case status == http.StatusNotFound:
		v.Verdict = in("没有查到这份通知书。请核对文号或核验码。", "No such notice was issued. Check the number or the code.")
		return v
	case status != http.StatusOK:
		v.Verdict = in("暂时无法核验，请稍后重试。", "The check is not available now. Try again later.")
		return v
	}
	v.Verdict = in("本通知书由本平台下发，现行有效。", "This notice was issued here and is in force.")
	if p.Superseded {
		v.Verdict = in("本通知书由本平台下发，已被新的通知书取代。", "This notice was issued here. Another notice has taken its place.")
	}
	v.Rows = []verificationRow{
		{in("文号", "Number"), p.Number},
		{in("下发日期", "Date"), string(p.IssuedOn)},
		{in("内容摘要（SHA-256）", "Hash of the content (SHA-256)"), p.Hash},
	}
	v.Advice = in("请与纸质通知书上的文号、日期和摘要逐项核对。", "Compare number, date and hash with those on the paper.")
	return v
}
