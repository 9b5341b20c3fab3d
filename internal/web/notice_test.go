package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/web"
)

// TestPrintedNotice opens links as a browser does, and looks at the page.
func TestPrintedNotice(t *testing.T) {
	notice := app.PrintedNotice{Hash: strings.Repeat("ab", 32), Code: "abcdefghijklmnopqrstuvwxyz", NoticeSnapshot: rule.NoticeSnapshot{
		Number: "武教安改〔2021〕第0001号", IssuedOn: "2021-04-21", DeadlineOn: "2021-05-06", Requirements: "限期整改\n举一反三",
		Issuer: rule.NoticeSnapshotPlace{Name: "清格县"}, School: rule.NoticeSnapshotPlace{Name: "清河镇中心小学"}, Team: rule.NoticeSnapshotPlace{Name: "第一督查组"},
		Campaign: rule.NoticeSnapshotPlace{Name: "安全隐患排查整治活动月"},
		Problems: []rule.NoticeSnapshotIssue{
			{Position: 1, Grade: rule.Major, Problem: "消火栓无水", Place: "实验楼一层", Basis: "消防法第二十八条", Requirement: "立即修复", DeadlineOn: "2021-05-01"},
			{Position: 2, Grade: rule.General, Problem: `<script>alert("x")</script>`, Place: "<b>", Basis: "&", Requirement: "'\""},
		},
	}}
	superseded := notice
	superseded.Superseded = true
	ask := func(publicURL, target string) (*httptest.ResponseRecorder, string) {
		mux := http.NewServeMux()
		mux.Handle("GET /notices/{id}/print", web.PrintNotice(publicURL, func(_ context.Context, id, until, signature string) (*app.PrintedNotice, error) {
			switch {
			case id == "down":
				return nil, errors.New("secret of the database")
			case until != "1" || signature != "s":
				return nil, fault.Missing("notice")
			case id == "old":
				return &superseded, nil
			}
			return &notice, nil
		}))
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil))
		return w, w.Body.String()
	}
	w, body := ask("https://safe.example.org/", "/notices/notice_1/print?until=1&signature=s")
	for _, part := range []string{
		`lang="zh-CN"`, "隐患整改通知书", notice.Number, notice.Hash, "清河镇中心小学", "第一督查组", "【重大】消火栓无水", "实验楼一层", "消防法第二十八条", "立即修复",
		"2021年4月21日", "2021年5月6日", "举一反三", "https://safe.example.org/verify/abcdefghijklmnopqrstuvwxyz", `src="data:image/png;base64,`, "&lt;script&gt;", "&lt;b&gt;",
	} {
		if !strings.Contains(body, part) {
			t.Errorf("the page lacks %q:\n%s", part, body)
		}
	}
	for _, part := range []string{"<script", "<b>", "ZgotmplZ", "style=", "已被新的通知书取代"} {
		if strings.Contains(body, part) {
			t.Errorf("the page has %q", part)
		}
	}
	policy := w.Header().Get("Content-Security-Policy")
	if w.Code != http.StatusOK || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || w.Header().Get("Cache-Control") != "no-store" ||
		w.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("status %d, headers %v", w.Code, w.Header())
	}
	if _, body := ask("", "http://192.0.2.1:8080/notices/notice_1/print?until=1&signature=s"); !strings.Contains(body, "http://192.0.2.1:8080/verify/") {
		t.Error("without a public URL the code does not lead to the address of the request")
	}
	if _, body := ask("", "/notices/old/print?until=1&signature=s"); !strings.Contains(body, "已被新的通知书取代") {
		t.Error("a superseded notice does not say so")
	}
	for target, status := range map[string]int{
		"/notices/notice_1/print": 404, "/notices/notice_1/print?until=2&signature=s": 404, "/notices/notice_1/print?until=1&signature=t": 404, "/notices/down/print?until=1&signature=s": 503,
	} {
		if w, body := ask("", target); w.Code != status || strings.Contains(body, notice.Number) || strings.Contains(body, "secret") {
			t.Errorf("%s: status %d, want %d: %s", target, w.Code, status, body)
		}
	}
	style := httptest.NewRecorder()
	web.Handler("").ServeHTTP(style, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/pages/notice.css", nil))
	if style.Code != http.StatusOK || !strings.Contains(style.Body.String(), "size: A4") || !strings.Contains(body, `href="/pages/notice.css"`) {
		t.Errorf("the style sheet: %d", style.Code)
	}
}
